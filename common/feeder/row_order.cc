#include "common/feeder/row_order.h"

#include "common/schedule/split_mix.h"

namespace loadfleet {

RowOrder::RowOrder(v1::Feeder::Order order, uint64_t rows, uint64_t seed)
    : rows_(rows), random_(order == v1::Feeder::ORDER_RANDOM), seed_(seed) {
  while (uint64_t{1} << (2 * half_bits_) < rows_) ++half_bits_;
}

uint64_t RowOrder::RowAt(uint64_t position) const {
  const uint64_t place = position % rows_;
  if (!random_) return place;
  const uint64_t key = SplitMix(seed_ + (position / rows_ + 1) * kSplitMixGamma);
  // Cycle walking (Black, Rogaway 2002): what is mapped beyond the rows is mapped again. There are
  // less than four times as many numbers as rows.
  uint64_t row = place;
  do {
    row = Permuted(row, key);
  } while (row >= rows_);
  return row;
}

// A Feistel network of four rounds (Luby, Rackoff 1988) over twice half_bits_.
uint64_t RowOrder::Permuted(uint64_t place, uint64_t key) const {
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  uint64_t left = place >> half_bits_;
  uint64_t right = place & mask;
  for (uint64_t round = 1; round <= 4; ++round) {
    const uint64_t mixed = SplitMix(key + round * kSplitMixGamma + right) & mask;
    const uint64_t next = left ^ mixed;
    left = right;
    right = next;
  }
  return left << half_bits_ | right;
}

}  // namespace loadfleet
