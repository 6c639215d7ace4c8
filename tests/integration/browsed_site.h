// A small web site for browsers to visit: what recordings of real ones are full of.
#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

struct mg_connection;
struct mg_context;

namespace loadfleet {

// On a free port of loopback. `/` loads a style, a script and an image; the script reads and sends
// JSON, sends forms, follows a redirect, gives up a request that is never answered, and pauses;
// then it goes on to a second page, which asks for what is not there and whose title at last is
// "done".
class BrowsedSite {
 public:
  BrowsedSite();
  ~BrowsedSite();
  BrowsedSite(const BrowsedSite&) = delete;
  BrowsedSite& operator=(const BrowsedSite&) = delete;

  std::string url() const;

  // How often each "METHOD /path" was asked for.
  std::map<std::string, int> requests() const;

 private:
  static int OnRequest(mg_connection* connection);

  mg_context* context_;
  absl::Notification closing_;
  mutable absl::Mutex mutex_;
  std::map<std::string, int> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loadfleet
