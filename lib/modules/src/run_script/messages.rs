//! Log messages of `run_script`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Info "run-script-hooks" RUN_SCRIPT_LOAD() = "Run Script hooks library has been loaded";
    Error "run-script-hooks" RUN_SCRIPT_LOAD_ERROR(reason) = "Run Script hooks library failed: {reason}";
    Info "run-script-hooks" RUN_SCRIPT_UNLOAD() = "Run Script hooks library has been unloaded";
    Debug(50) "run-script-hooks" KOTARE_RUN_SCRIPT_ENDED(point, script, status) = "for {point} the script {script} ended with {status}";
    Error "run-script-hooks" KOTARE_RUN_SCRIPT_FAILED(script, point, reason) = "the script {script} was not run for {point}: {reason}; what comes next is tried without a line like this until it runs again";
    Error "run-script-hooks" KOTARE_RUN_SCRIPT_LOSES_RUNS(most, script) = "{most} runs of the script {script} wait for those before them to end: what comes now is LOST until there is room";
    Error "run-script-hooks" KOTARE_RUN_SCRIPT_LOST_RUNS(count, script) = "{count} runs of the script {script} were LOST, though the leases they tell of were changed";
    Warn "run-script-hooks" KOTARE_RUN_SCRIPT_PATH_SECURITY_WARNING(reason) = "Script path specified is NOT SECURE: {reason}";
    Error "run-script-hooks" KOTARE_RUN_SCRIPT_TOO_SLOW(script, point, seconds) = "the script {script}, run for {point}, did not end within {seconds} seconds and was ended";
}
