// The one histogram layout of loadfleet: HdrHistogram's indices for 1 us to 1 h at 3 significant
// digits.
//
// A value's error is at most 1 us or 0.1 %, whichever is larger. Histograms merge by adding counts,
// so the same samples recorded through any number of agents give identical buckets. Source:
// HdrHistogram, "Histogram internals" (2,048 sub-buckets, unit magnitude 0).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// Agreed at Register: two programs with different layouts cannot merge.
inline constexpr char kHistogramLayout[] = "hdr-us-1-3600000000-3";

// Not thread-safe. Memory: 1.5 KiB, and 1 KiB for each touched page of 128 buckets; never given
// back before destruction.
class Histogram {
 public:
  static constexpr uint64_t kMaxMicros = 3'600'000'000;
  static constexpr uint32_t kBuckets = 23 * 1024;

  Histogram() = default;
  Histogram(Histogram&&) = default;
  Histogram& operator=(Histogram&&) = default;

  // No allocation when the value's page has been touched before. A value above kMaxMicros counts in
  // the last bucket; max_us() stays exact.
  void Record(uint64_t micros) { RecordMany(micros, 1); }
  void RecordMany(uint64_t micros, uint64_t count) {
    CountAt(IndexOf(micros < kMaxMicros ? micros : kMaxMicros)) += count;
    sum_us_ += micros * count;
    if (micros < min_us_) min_us_ = micros;
    if (micros > max_us_) max_us_ = micros;
  }

  void Merge(const Histogram& other);
  // INVALID_ARGUMENT when the message is not what ToProto writes.
  static absl::Status Check(const v1::SparseHistogram& sparse);
  // What Check has passed.
  void MergeChecked(const v1::SparseHistogram& sparse);
  // Both; nothing is merged when there is an error.
  absl::Status MergeProto(const v1::SparseHistogram& sparse);
  void ToProto(v1::SparseHistogram* sparse) const;

  // Empties it and keeps its pages.
  void Clear();

  // Linear in the touched pages.
  uint64_t TotalCount() const;
  bool empty() const { return max_us_ < min_us_; }
  uint64_t sum_us() const { return sum_us_; }
  uint64_t min_us() const { return empty() ? 0 : min_us_; }
  uint64_t max_us() const { return max_us_; }
  double MeanMicros() const;

  // Calls visit(index, count) for every non-empty bucket in ascending order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (uint32_t page = 0; page < kPages; ++page) {
      if (pages_[page] == nullptr) continue;
      for (uint32_t i = 0; i < kPageSize; ++i) {
        const uint64_t count = (*pages_[page])[i];
        if (count != 0) visit(page * kPageSize + i, count);
      }
    }
  }

  static uint32_t IndexOf(uint64_t micros) {
    const int bucket = 64 - __builtin_clzll(micros | (kSubBuckets - 1)) - kSubBucketBits;
    return (static_cast<uint32_t>(bucket) << (kSubBucketBits - 1)) +
           static_cast<uint32_t>(micros >> bucket);
  }
  // The smallest and the largest value that share a bucket.
  static uint64_t LowestAt(uint32_t index);
  static uint64_t HighestAt(uint32_t index);

 private:
  static constexpr int kSubBucketBits = 11;
  static constexpr uint64_t kSubBuckets = 1 << kSubBucketBits;
  static constexpr uint32_t kPageSize = 128;
  static constexpr uint32_t kPages = kBuckets / kPageSize;
  using Page = std::array<uint64_t, kPageSize>;

  uint64_t& CountAt(uint32_t index) {
    std::unique_ptr<Page>& page = pages_[index / kPageSize];
    if (page == nullptr) [[unlikely]]
      page = std::make_unique<Page>();
    return (*page)[index % kPageSize];
  }

  std::array<std::unique_ptr<Page>, kPages> pages_;
  uint64_t sum_us_ = 0;
  uint64_t min_us_ = UINT64_MAX;
  uint64_t max_us_ = 0;
};

// Nanoseconds to the nearest microsecond, so that means carry no bias. Negative counts as 0.
inline uint64_t ToMicros(int64_t nanos) {
  return nanos <= 0 ? 0 : (static_cast<uint64_t>(nanos) + 500) / 1000;
}

}  // namespace loadfleet
