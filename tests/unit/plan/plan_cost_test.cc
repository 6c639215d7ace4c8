// What a plan may cost whoever reads it, however its author arranged a megabyte: at most 64 MiB,
// and no time that grows faster than the text, which ends the process that it is read in.
//
// A program of its own: it replaces operator new, to see how much is held at a time.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <malloc.h>

#include <gtest/gtest.h>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "tests/unit/plan/plan_text.h"

namespace {

size_t held = 0;
size_t most_held = 0;

void* Held(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  held += malloc_usable_size(memory);
  most_held = std::max(most_held, held);
  return memory;
}

void Free(void* memory) {
  if (memory != nullptr) held -= malloc_usable_size(memory);
  free(memory);
}

}  // namespace

void* operator new(size_t size) {
  return Held(malloc(size == 0 ? 1 : size));
}
void* operator new[](size_t size) {
  return Held(malloc(size == 0 ? 1 : size));
}
void operator delete(void* memory) noexcept {
  Free(memory);
}
void operator delete[](void* memory) noexcept {
  Free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  Free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  Free(memory);
}

namespace loadfleet {
namespace {

constexpr size_t kMemory = 64 << 20;
constexpr rlim_t kCpuSeconds = 5;  // whole ones, and sanitizers take their time

// `begin`, as many pieces as a plan may have, `end`.
std::string Filled(std::string begin, absl::FunctionRef<std::string(int)> piece,
                   const std::string& end = "") {
  for (int i = 0;; ++i) {
    const std::string next = piece(i);
    if (begin.size() + next.size() + end.size() > limits::kPlanBytes) break;
    begin += next;
  }
  return begin + end;
}

std::string Filled(std::string begin, const std::string& piece, const std::string& end = "") {
  return Filled(
      std::move(begin), [&](int) { return piece; }, end);
}

constexpr char kHead[] = "target: http://h\n";
constexpr char kScenario[] =
    "scenarios: {s: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n";
constexpr char kShort[] = "target: http://h\nget: /\nrate: 1/s\nduration: 1s\n";

std::string Scenarios(int count) {
  std::string text = "scenarios:\n";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, "  s", i, ": {executor: constant-vus, flow: f, vus: 1, duration: 1s}\n");
  }
  return text;
}

std::string Regex(int i) {
  return absl::StrCat("h", i, ": '/(a{100}){9}b", i, "/',");
}

struct Costly {
  std::string name;
  std::string text;
};

std::vector<Costly> OddTexts() {
  return {
      {"OneText", Filled(kShort, "x")},
      {"OneQuotedText", Filled(absl::StrCat(kShort, "body: \""), "\\x41", "\"\n")},
      {"OneFoldedText", Filled(absl::StrCat(kShort, "body: >\n"), "  a\n\n")},
      {"OneTextOfLines", Filled(absl::StrCat(kShort, "body: a\n"), "  a\n")},
      {"Brackets", Filled("a: ", "[")},
      {"Braces", Filled("", "{")},
      {"Dashes", Filled("", "- ")},
      {"QuestionMarks", Filled("", "? ")},
      {"Colons", Filled("", "a: ")},
      {"Numbers", Filled("a: [", "1,", "]\n")},
      {"TooManyNumbers", "a: [" + std::string(limits::kPlanBytes - 4, ',')},
      {"ListOfNumbers", Filled("a:\n", "- 1\n")},
      {"Keys", Filled("", [](int i) { return absl::StrCat("k", i, ":\n"); })},
      {"SameKeys", Filled("", "k: 1\n")},
      {"NestedKeys",
       Filled(
           "labels: {", [](int i) { return absl::StrCat("k", i, ": {a: b},"); }, "}\n")},
      {"Anchors", Filled(
                      "a: [", [](int i) { return absl::StrCat("&a", i, " b,"); }, "]\n")},
      {"Aliases", Filled("b: &a c\na: [", "*a,", "]\n")},
      {"Tags", Filled("a: [", "!a b,", "]\n")},
      {"Comments", Filled(kShort, "#\n")},
      {"Documents", Filled(kShort, "---\n")},
      {"Tabs", Filled(kShort, "\t\n")},
      {"LongKeys",
       Filled(kShort, [](int i) { return absl::StrCat(std::string(1000, 'k'), i, ": 1\n"); })},
      {"Variables", Filled(absl::StrCat(kShort, "body: \""), "${A:-b}", "\"\n")},
      {"UnsetVariables", Filled(absl::StrCat(kShort, "body: ["), "\"${A}\",", "]\n")},
      {"FillIns", Filled(absl::StrCat(kShort, "body: \""), "{{vu}}", "\"\n")},
      {"UnknownFillIns", Filled(
                             absl::StrCat(kShort, "json: ["),
                             [](int i) { return absl::StrCat("'{{n", i, "}}',"); }, "]\n")},
      {"FillInsOfAForm", Filled(
                             absl::StrCat(kShort, "form: {"),
                             [](int i) { return absl::StrCat("n", i, ": '{{uuid}}',"); }, "}\n")},
      {"FillInsThatNeverEnd", Filled(absl::StrCat(kShort, "body: \""), "{{", "\"\n")},
      {"FillInsAskedForByManyScenarios",
       Filled(
           absl::StrCat(kHead, Scenarios(100), "flows: {f: {steps: [{request: r, post: /, body: '"),
           "{{uuid}}", "'}]}}\n")},
  };
}

std::vector<Costly> LongFlows() {
  const std::string flow = absl::StrCat(kHead, kScenario, "flows: {f: {steps: [");
  return {
      {"Steps", Filled(flow, "{think: 1s},", "{request: r, get: /}]}}\n")},
      {"StepsOfManyScenarios", Filled(absl::StrCat(kHead, Scenarios(100), "flows: {f: {steps: ["),
                                      "{think: 1s},", "{request: r, get: /}]}}\n")},
      {"StepsOfNoKind", Filled(flow, "{a: b},", "]}}\n")},
      {"Groups",
       Filled(
           flow, [](int i) { return absl::StrCat("{group: g", i, ", steps: [{think: 1s}]},"); },
           "]}}\n")},
      {"Repetitions", Filled(flow,
                             "{repeat: 100000, steps: [{repeat: 100000, steps: [{repeat: 100000, "
                             "steps: [{if: '{{vu}}', steps: [{think: 1s}]}]}]}]},",
                             "{request: r, get: /}]}}\n")},
      {"Requests",
       Filled(
           flow, [](int i) { return absl::StrCat("{request: r", i, ", get: /},"); }, "]}}\n")},
      {"DefaultHeadersOfManyRequests",
       Filled(
           Filled(
               absl::StrCat(kHead, kScenario, "defaults: {http: {headers: {"),
               [](int i) {
                 return i < 90 ? absl::StrCat("h", i, ": ", std::string(8'000, 'x'), ",")
                               : std::string(limits::kPlanBytes, 'x');
               },
               "}}}\nflows: {f: {steps: ["),
           [](int i) { return absl::StrCat("{request: r", i, ", get: /},"); }, "]}}\n")},
      {"Expectations", Filled(
                           flow + "{request: r, get: /, expect: {header: {",
                           [](int i) { return absl::StrCat("h", i, ": v,"); }, "}}}]}}\n")},
      {"Statuses", Filled(flow + "{request: r, get: /, expect: {status: [", "200,", "]}}]}}\n")},
      {"Paths", Filled(
                    flow + "{request: r, get: /, expect: {json: {",
                    [](int i) { return absl::StrCat("$.a", i, ": v,"); }, "}}}]}}\n")},
      {"Regexes", Filled(flow + "{request: r, get: /, expect: {header: {", Regex, "}}}]}}\n")},
      {"RegexesOfManyRequests", Filled(
                                    flow,
                                    [](int i) {
                                      return absl::StrCat(
                                          "{request: r", i,
                                          ", get: /, expect: {body_matches: '(a{1000}b{1000}){9}",
                                          i, "'}},");
                                    },
                                    "]}}\n")},
      {"RegexesThatAreTooLarge", Filled(
                                     flow,
                                     [](int i) {
                                       return absl::StrCat(
                                           "{request: r", i,
                                           ", get: /, expect: {body_matches: '((a{100}){100}){99}",
                                           i, "'}},");
                                     },
                                     "]}}\n")},
      {"Captures", Filled(
                       flow,
                       [](int i) {
                         return absl::StrCat("{request: r", i / 90, "x", i, ", get: /, capture: {c",
                                             i, ": {status: true}}},");
                       },
                       "]}}\n")},
  };
}

std::vector<Costly> ManyNames() {
  return {
      {"LongNames",
       Filled(
           absl::StrCat(kHead, "flows: {"),
           [](int i) {
             return absl::StrCat(std::string(20'000, 'f'), i, ": {steps: [{think: 1s}]},");
           },
           absl::StrCat("}\nscenarios: {s: {executor: constant-vus, vus: 1, duration: 1s, flow: ",
                        std::string(20'000, 'f'), "x}}\n"))},
      {"FlowsOfAScenario",
       Filled(absl::StrCat(kHead,
                           "flows: {f: {steps: [{request: r, get: /}]}}\nscenarios: {s: {executor: "
                           "constant-vus, vus: 1, duration: 1s, flows: ["),
              "{flow: f},", "]}}\n")},
      {"UnknownFlowsOfManyScenarios",
       Filled(
           absl::StrCat(kHead, "flows: {f: {steps: [{request: r, get: /}]}}\nscenarios: {"),
           [](int i) {
             std::string text =
                 absl::StrCat("s", i, ": {executor: constant-vus, vus: 1, duration: 1s, flows: [");
             for (int f = 0; f < 500; ++f) text += "{flow: g},";
             return text + "]},";
           },
           "}\n")},
      {"Thresholds", Filled(absl::StrCat(kShort, "thresholds: ["),
                            "{metric: 'requests{request=x}', expr: count > 1},", "]\n")},
      {"ThresholdsOfManyFlows",
       Filled(
           absl::StrCat(
               kHead,
               [] {
                 std::string text = "thresholds: [";
                 for (int i = 0; i < 100; ++i)
                   text += "{metric: 'requests{request=nobody}', expr: count > 1},";
                 return text + "]\n";
               }(),
               kScenario, "flows: {"),
           [](int i) {
             return absl::StrCat("f", i, ": {steps: [{request: request_number_", i,
                                 ", get: /, tags: {a: b", i, "}}]},");
           },
           "f: {steps: [{request: r, get: /}]}}\n")},
      {"TagsOfARequest", Filled(
                             absl::StrCat(kShort, "tags: {"),
                             [](int i) { return absl::StrCat("t", i, ": v,"); }, "}\n")},
      {"LargerThanAllowed", std::string(limits::kPlanBytes + 1, 'x')},
  };
}

// In a process of its own, which the kernel ends when it takes too long.
void Answer(const v1::PlanSource& source) {
  const rlimit cpu{kCpuSeconds, kCpuSeconds};
  setrlimit(RLIMIT_CPU, &cpu);
  const size_t before = held;
  most_held = held;
  const CompiledPlan compiled = CompilePlan(source);
  const size_t used = most_held - before;
  fprintf(stderr, "%zu KiB, %zu problems: %s\n", used >> 10, compiled.problems.size(),
          compiled.problems.empty() ? "" : FormatProblem(compiled.problems[0]).c_str());
  _exit(used <= kMemory ? 0 : 1);
}

// The CPU time of the processes that have ended, in milliseconds.
int64_t Spent() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000 +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1'000;
}

void ExpectAnswers(const std::vector<Costly>& plans) {
  for (const Costly& plan : plans) {
    SCOPED_TRACE(plan.name);
    const v1::PlanSource source = SourceOf(plan.text);
    const int64_t before = Spent();
    EXPECT_EXIT(Answer(source), testing::ExitedWithCode(0), "");
    printf("%-40s %5ld ms\n", plan.name.c_str(), Spent() - before);
  }
}

TEST(CostlyPlans, OfOddTextsAreAnsweredWithinBounds) {
  ExpectAnswers(OddTexts());
}

TEST(CostlyPlans, OfLongFlowsAreAnsweredWithinBounds) {
  ExpectAnswers(LongFlows());
}

TEST(CostlyPlans, OfManyNamesAreAnsweredWithinBounds) {
  ExpectAnswers(ManyNames());
}

}  // namespace
}  // namespace loadfleet
