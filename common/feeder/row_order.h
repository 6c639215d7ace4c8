// Which row comes when: a pure function, so that everybody who knows the feeder knows it without a
// word between them.
#pragma once

#include <cstdint>

#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Positions count on from 0 over all passes: each pass has every row once.
class RowOrder {
 public:
  // `seed`: of ORDER_RANDOM. At least one row.
  RowOrder(v1::Feeder::Order order, uint64_t rows, uint64_t seed);

  // Below rows. With ORDER_RANDOM some 50 ns.
  uint64_t RowAt(uint64_t position) const;

 private:
  uint64_t Permuted(uint64_t place, uint64_t key) const;

  uint64_t rows_;
  bool random_;
  uint64_t seed_;
  uint32_t half_bits_ = 1;  // of what the permutation maps: at least the rows
};

}  // namespace loadfleet
