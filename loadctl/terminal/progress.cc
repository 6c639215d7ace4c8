#include "loadctl/terminal/progress.h"

#include <utility>
#include <vector>

#include "loadctl/terminal/live_lines.h"
#include "loadctl/terminal/snapshot_json.h"

namespace loadfleet {
namespace {

constexpr Nanos kBetweenLines = 5 * kSecond;

class Redrawn final : public Progress {
 public:
  Redrawn(std::ostream& terminal, std::function<size_t()> columns)
      : terminal_(terminal), columns_(std::move(columns)) {}

  void Show(const v1::RunSnapshot& snapshot) override {
    block_ = LiveLines(snapshot, columns_());
    Erase();
    Draw();
  }
  void Say(const std::string& sentence) override {
    Erase();
    terminal_ << sentence << '\n';
    Draw();
  }
  void Close() override {
    Erase();
    block_.clear();
    terminal_.flush();
  }

 private:
  void Erase() {
    if (drawn_ > 0) terminal_ << "\x1b[" << drawn_ << "A\r\x1b[J";
    drawn_ = 0;
  }
  void Draw() {
    for (const std::string& line : block_) terminal_ << line << '\n';
    drawn_ = block_.size();
    terminal_.flush();
  }

  std::ostream& terminal_;
  const std::function<size_t()> columns_;
  std::vector<std::string> block_;
  size_t drawn_ = 0;  // lines on the screen above the cursor
};

class Lines final : public Progress {
 public:
  Lines(std::ostream& out, const Clock& clock) : out_(out), clock_(clock) {}

  void Show(const v1::RunSnapshot& snapshot) override {
    const Nanos now = clock_.Now();
    if (snapshot.state() == state_ && now - printed_ < kBetweenLines) return;
    state_ = snapshot.state();
    printed_ = now;
    out_ << LogLine(snapshot) << std::endl;
  }
  void Say(const std::string& sentence) override { out_ << sentence << std::endl; }

 private:
  std::ostream& out_;
  const Clock& clock_;
  v1::RunState state_ = v1::RUN_STATE_UNSPECIFIED;
  Nanos printed_ = 0;
};

class JsonLines final : public Progress {
 public:
  JsonLines(std::ostream& out, std::ostream& messages) : out_(out), messages_(messages) {}

  void Show(const v1::RunSnapshot& snapshot) override {
    out_ << SnapshotJson(snapshot) << std::endl;
  }
  void Say(const std::string& sentence) override { messages_ << sentence << std::endl; }

 private:
  std::ostream& out_;
  std::ostream& messages_;
};

class Quiet final : public Progress {
 public:
  explicit Quiet(std::ostream& messages) : messages_(messages) {}

  void Show(const v1::RunSnapshot&) override {}
  void Say(const std::string& sentence) override { messages_ << sentence << std::endl; }

 private:
  std::ostream& messages_;
};

}  // namespace

std::unique_ptr<Progress> RedrawnProgress(std::ostream& terminal, std::function<size_t()> columns) {
  return std::make_unique<Redrawn>(terminal, std::move(columns));
}

std::unique_ptr<Progress> LineProgress(std::ostream& out, const Clock& clock) {
  return std::make_unique<Lines>(out, clock);
}

std::unique_ptr<Progress> JsonProgress(std::ostream& out, std::ostream& messages) {
  return std::make_unique<JsonLines>(out, messages);
}

std::unique_ptr<Progress> QuietProgress(std::ostream& messages) {
  return std::make_unique<Quiet>(messages);
}

}  // namespace loadfleet
