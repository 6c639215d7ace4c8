// The connections of a pool that take another exchange.
#pragma once

#include "agent/connection/connection.h"

namespace loadfleet {

// Through Connection::prev_free and next_free; a connection is in it at most once. Borrows.
class FreeList {
 public:
  Connection* front() const { return front_; }

  void PushFront(Connection& connection) {
    if (connection.listed) return;
    connection.listed = true;
    connection.prev_free = nullptr;
    connection.next_free = front_;
    (front_ == nullptr ? back_ : front_->prev_free) = &connection;
    front_ = &connection;
  }

  void PushBack(Connection& connection) {
    if (connection.listed) return;
    connection.listed = true;
    connection.next_free = nullptr;
    connection.prev_free = back_;
    (back_ == nullptr ? front_ : back_->next_free) = &connection;
    back_ = &connection;
  }

  void Remove(Connection& connection) {
    if (!connection.listed) return;
    connection.listed = false;
    (connection.prev_free == nullptr ? front_ : connection.prev_free->next_free) =
        connection.next_free;
    (connection.next_free == nullptr ? back_ : connection.next_free->prev_free) =
        connection.prev_free;
  }

 private:
  Connection* front_ = nullptr;
  Connection* back_ = nullptr;
};

}  // namespace loadfleet
