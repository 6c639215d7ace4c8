#include "common/net/rpc_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr int kPingEveryMs = 20'000;
constexpr int kPingTimeoutMs = 10'000;
constexpr int kConnectTimeoutMs = 5'000;  // gRPC's own would be 20 s

}  // namespace

std::shared_ptr<grpc::Channel> NewMasterChannel(
    const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(limits::kGrpcMessageBytes);
  arguments.SetMaxReceiveMessageSize(limits::kGrpcMessageBytes);
  // Channels with equal arguments would share one connection, and its flow control.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kPingEveryMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMs);
  // By this name gRPC knows how long one attempt to connect may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // A windows stream carries nothing between runs; the default allows two pings without data.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // http_proxy is set for browsers and package managers, not for this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(
      target, credentials == nullptr ? grpc::InsecureChannelCredentials() : credentials, arguments);
}

void ApplyServerSettings(grpc::ServerBuilder* builder) {
  builder->SetMaxSendMessageSize(limits::kGrpcMessageBytes);
  builder->SetMaxReceiveMessageSize(limits::kGrpcMessageBytes);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kPingEveryMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // gRPC's default, five minutes, would end an idle stream for pinging too often.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingEveryMs / 2);
}

}  // namespace loadfleet
