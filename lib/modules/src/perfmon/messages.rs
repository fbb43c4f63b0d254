//! Log messages of `perfmon`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Info "perfmon-hooks" PERFMON_ALARM_CLEARED(duration, mean, low) = "Alarm for {duration} has been cleared, reported mean duration {mean} is now below low-water-ms: {low}";
    Warn "perfmon-hooks" PERFMON_ALARM_TRIGGERED(duration, since, mean, high) = "Alarm for {duration} has been triggered since {since}, reported mean duration {mean} exceeds high-water-ms: {high}";
    Error "perfmon-hooks" PERFMON_CMDS_CONTROL_ERROR(reason) = "perfmon-control command processing failed: {reason}";
    Info "perfmon-hooks" PERFMON_CMDS_CONTROL_OK(monitoring, reporting) = "perfmon-control command success: active monitoring: {monitoring}, stats-mgr-reporting: {reporting}";
    Error "perfmon-hooks" PERFMON_CMDS_GET_ALL_DURATIONS_ERROR(reason) = "perfmon-get-all-durations command processing failed: {reason}";
    Info "perfmon-hooks" PERFMON_CMDS_GET_ALL_DURATIONS_OK(count) = "perfmon-get-all-durations returning {count} durations";
    Info "perfmon-hooks" PERFMON_DEINIT_OK() = "unloading PerfMon hooks library successful";
    Debug(50) "perfmon-hooks" PERFMON_DHCP4_PKT_EVENTS(query, events) = "query: {query} events=[{events}]";
    Debug(50) "perfmon-hooks" PERFMON_DHCP4_PKT_PROCESS_ERROR(query, reason) = "Packet event stack was not processed for query {query}, reason {reason}";
    Debug(40) "perfmon-hooks" PERFMON_DHCP4_SOCKET_RECEIVED_TIME_SUPPORT(answer) = "Kernel supports socket received time? {answer}";
    Debug(50) "perfmon-hooks" PERFMON_DHCP6_PKT_EVENTS(query, events) = "query: {query} events=[{events}]";
    Debug(50) "perfmon-hooks" PERFMON_DHCP6_PKT_PROCESS_ERROR(query, reason) = "Packet event stack was not processed for query {query}, reason {reason}";
    Debug(40) "perfmon-hooks" PERFMON_DHCP6_SOCKET_RECEIVED_TIME_SUPPORT(answer) = "Kernel supports socket received time? {answer}";
    Error "perfmon-hooks" PERFMON_INIT_FAILED(reason) = "loading PerfMon hooks library failed: {reason}";
    Info "perfmon-hooks" PERFMON_INIT_OK() = "loading PerfMon hooks library successful";
}
