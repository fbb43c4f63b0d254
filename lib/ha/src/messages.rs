//! Log messages of high availability: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    // The state.
    Info "ha-hooks" HA_SERVICE_STARTED(server, mode, role) = "{server}: started high availability service in {mode} mode as {role} server";
    Info "ha-hooks" HA_STATE_TRANSITION(server, from, to, partner) = "{server}: server transitions from {from} to {to} state, partner state is {partner}";
    Info "ha-hooks" HA_STATE_TRANSITION_PASSIVE_BACKUP(server, from, to) = "{server}: server transitions from {from} to {to} state";
    Info "ha-hooks" HA_STATE_MACHINE_PAUSED(server, state) = "{server}: state machine paused in state {state}";
    Info "ha-hooks" HA_STATE_MACHINE_CONTINUED(server) = "{server}: state machine is un-paused";
    Info "ha-hooks" HA_LOCAL_DHCP_DISABLE(server, state) = "local DHCP service is disabled while the {server} is in the {state} state";
    Info "ha-hooks" HA_LOCAL_DHCP_ENABLE(server, state) = "local DHCP service is enabled while the {server} is in the {state} state";

    // What is done in it.
    Info "ha-hooks" HA_CONFIG_LEASE_SYNCING_DISABLED_REMINDER(server) = "{server}: bypassing SYNCING state because lease database synchronization is administratively disabled";
    Info "ha-hooks" HA_CONFIG_LEASE_UPDATES_DISABLED_REMINDER(server, state) = "{server}: lease updates are administratively disabled and will not be generated while in {state} state";
    Info "ha-hooks" HA_LEASE_UPDATES_DISABLED(server, state) = "{server}: lease updates will not be sent to the partner while in {state} state";
    Info "ha-hooks" HA_LEASE_UPDATES_ENABLED(server, state) = "{server}: lease updates will be sent to the partner while in {state} state";
    Info "ha-hooks" HA_MAINTENANCE_SHUTDOWN_SAFE(server) = "{server}: the server can now be shutdown for maintenance as the partner has taken over the DHCP traffic";
    Info "ha-hooks" HA_MAINTENANCE_STARTED(server) = "{server}: the server is now in the partner-in-maintenance state and the partner is in-maintenance state";
    Info "ha-hooks" HA_MAINTENANCE_STARTED_IN_PARTNER_DOWN(server) = "{server}: the server is now in the partner-down mode as a result of requested maintenance";

    // The partner.
    Warn "ha-hooks" HA_COMMUNICATION_INTERRUPTED(server, partner) = "{server}: communication with {partner} is interrupted";
    Info "ha-hooks" HA_COMMUNICATION_INTERRUPTED_CLIENT4(server, client) = "{server}: new client {client} attempting to get a lease from the partner";
    Info "ha-hooks" HA_COMMUNICATION_INTERRUPTED_CLIENT4_UNACKED(server, client, so_far, left) = "{server}: partner server failed to respond to {client}, {so_far} clients unacked so far, {left} clients left before transitioning to the partner-down state";
    Info "ha-hooks" HA_COMMUNICATION_INTERRUPTED_CLIENT6(server, client) = "{server}: new client {client} attempting to get a lease from the partner";
    Info "ha-hooks" HA_COMMUNICATION_INTERRUPTED_CLIENT6_UNACKED(server, client, so_far, left) = "{server}: partner server failed to respond to {client}, {so_far} clients unacked so far, {left} clients left before transitioning to the partner-down state";
    Warn "ha-hooks" HA_INVALID_PARTNER_STATE_COMMUNICATION_RECOVERY(server) = "{server}: partner is in the communication-recovery state unexpectedly";
    Warn "ha-hooks" HA_INVALID_PARTNER_STATE_HOT_STANDBY(server) = "{server}: partner is in the hot-standby state unexpectedly";
    Warn "ha-hooks" HA_INVALID_PARTNER_STATE_LOAD_BALANCING(server) = "{server}: partner is in the load-balancing state unexpectedly";

    // The end of the service, and its return.
    Warn "ha-hooks" HA_HIGH_CLOCK_SKEW(server, skew) = "{server}: {skew}, please synchronize clocks!";
    Error "ha-hooks" HA_HIGH_CLOCK_SKEW_CAUSED_TERMINATION(server, skew) = "{server}: {skew}, causing HA service to terminate";
    Error "ha-hooks" HA_LEASE_UPDATE_REJECTS_CAUSED_TERMINATION(server) = "{server}: too many rejected lease updates cause the HA service to terminate";
    Error "ha-hooks" HA_TERMINATED(server) = "HA {server}: service terminated due to an unrecoverable condition. Check previous error message(s), address the problem and restart!";
    Warn "ha-hooks" HA_TERMINATED_PARTNER_DID_NOT_RESTART(server, minutes) = "{server}: service is terminating because the terminated partner was not restarted within {minutes} minutes";
    Info "ha-hooks" HA_TERMINATED_RESTART_PARTNER(server) = "{server}: waiting for the partner in the TERMINATED state to be restarted";
    Info "ha-hooks" KOTARE_HA_LEAVES_TERMINATED(server, skew) = "{server}: {skew}, and the partner follows: the service goes on, and the partners compare their leases";
}
