#include "common/stats/histogram.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet {

void Histogram::Merge(const Histogram& other) {
  for (uint32_t page = 0; page < kPages; ++page) {
    if (other.pages_[page] == nullptr) continue;
    if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
    for (uint32_t i = 0; i < kPageSize; ++i) (*pages_[page])[i] += (*other.pages_[page])[i];
  }
  sum_us_ += other.sum_us_;
  min_us_ = std::min(min_us_, other.min_us_);
  max_us_ = std::max(max_us_, other.max_us_);
}

absl::Status Histogram::Check(const v1::SparseHistogram& sparse) {
  const int size = sparse.count_size();
  if (sparse.index_gap_size() != size) {
    return absl::InvalidArgumentError(absl::StrCat("a histogram with ", sparse.index_gap_size(),
                                                   " indices and ", size, " counts"));
  }
  if (size == 0) return absl::OkStatus();
  const uint32_t* gaps = sparse.index_gap().data();
  const uint64_t* counts = sparse.count().data();
  uint64_t end = 0;  // cannot wrap around: there are not so many gaps
  bool empty_bucket = false;
  for (int i = 0; i < size; ++i) {
    empty_bucket |= gaps[i] == 0 || counts[i] == 0;
    end += gaps[i];
  }
  if (empty_bucket) {
    return absl::InvalidArgumentError("a histogram with an empty bucket or an index twice");
  }
  if (end > kBuckets) {
    return absl::InvalidArgumentError(
        absl::StrCat("a histogram with bucket ", end - 1, " of ", kBuckets));
  }
  if (sparse.min_us() > sparse.max_us()) {
    return absl::InvalidArgumentError("a histogram whose minimum is above its maximum");
  }
  return absl::OkStatus();
}

void Histogram::MergeChecked(const v1::SparseHistogram& sparse) {
  const int size = sparse.count_size();
  if (size == 0) return;
  const uint32_t* gaps = sparse.index_gap().data();
  const uint64_t* counts = sparse.count().data();
  // Neighbours share a page.
  uint64_t* page = nullptr;
  uint32_t page_begin = UINT32_MAX - kPageSize;
  uint32_t index = UINT32_MAX;  // one before the first
  for (int i = 0; i < size; ++i) {
    index += gaps[i];
    if (index - page_begin >= kPageSize) {
      page_begin = index / kPageSize * kPageSize;
      CountAt(index) += 0;  // makes the page
      page = pages_[index / kPageSize]->data();
    }
    page[index - page_begin] += counts[i];
  }
  sum_us_ += sparse.sum_us();
  min_us_ = std::min<uint64_t>(min_us_, sparse.min_us());
  max_us_ = std::max<uint64_t>(max_us_, sparse.max_us());
}

absl::Status Histogram::MergeProto(const v1::SparseHistogram& sparse) {
  absl::Status status = Check(sparse);
  if (status.ok()) MergeChecked(sparse);
  return status;
}

void Histogram::ToProto(v1::SparseHistogram* sparse) const {
  sparse->Clear();
  if (empty()) return;
  uint32_t end = 0;
  ForEach([&](uint32_t index, uint64_t count) {
    sparse->add_index_gap(index + 1 - end);
    sparse->add_count(count);
    end = index + 1;
  });
  sparse->set_sum_us(sum_us_);
  sparse->set_min_us(min_us_);
  sparse->set_max_us(max_us_);
}

void Histogram::Clear() {
  for (auto& page : pages_) {
    if (page != nullptr) page->fill(0);
  }
  sum_us_ = 0;
  min_us_ = UINT64_MAX;
  max_us_ = 0;
}

uint64_t Histogram::TotalCount() const {
  uint64_t total = 0;
  ForEach([&](uint32_t, uint64_t count) { total += count; });
  return total;
}

double Histogram::MeanMicros() const {
  const uint64_t count = TotalCount();
  return count == 0 ? 0 : static_cast<double>(sum_us_) / static_cast<double>(count);
}

uint64_t Histogram::LowestAt(uint32_t index) {
  if (index < kSubBuckets) return index;
  const uint32_t bucket = (index >> (kSubBucketBits - 1)) - 1;
  const uint64_t sub = index - (bucket << (kSubBucketBits - 1));
  return sub << bucket;
}

uint64_t Histogram::HighestAt(uint32_t index) {
  if (index < kSubBuckets) return index;
  const uint32_t bucket = (index >> (kSubBucketBits - 1)) - 1;
  return LowestAt(index) + (1ULL << bucket) - 1;
}

}  // namespace loadfleet
