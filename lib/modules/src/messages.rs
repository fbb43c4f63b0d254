//! Log messages about modules as such, which Kea logs of the libraries that it loads.

kotare_messages::messages! {
    Info "hooks" HOOKS_LIBRARY_CLOSED(library) = "hooks library {library} successfully closed";
    Info "hooks" HOOKS_LIBRARY_LOADED(library) = "hooks library {library} successfully loaded";
    Info "hooks" HOOKS_LIBRARY_UNLOADED(library) = "hooks library {library} successfully unloaded";
    Error "hooks" HOOKS_LOAD_ERROR(library, status) = "'load' function in hook library {library} returned error {status}";
    Debug(40) "hooks" HOOKS_LOAD_SUCCESS(library) = "'load' function in hook library {library} returned success";
}
