-- Values that a session keeps for its triggers.
----
CREATE FUNCTION set_session_value (name TEXT, value TEXT) RETURNS VOID AS $$
BEGIN PERFORM set_config(name, value, FALSE); END $$ LANGUAGE plpgsql
----
CREATE FUNCTION set_session_value (name TEXT, value BIGINT) RETURNS VOID AS $$
BEGIN PERFORM set_config(name, value::TEXT, FALSE); END $$ LANGUAGE plpgsql
----
CREATE FUNCTION set_session_value (name TEXT, value BOOLEAN) RETURNS VOID AS $$
BEGIN PERFORM set_config(name, value::TEXT, FALSE); END $$ LANGUAGE plpgsql
----
-- Nothing, where none was set.
CREATE FUNCTION get_session_value (name TEXT) RETURNS TEXT AS $$
BEGIN RETURN current_setting(name, TRUE); END $$ LANGUAGE plpgsql
----
CREATE FUNCTION get_session_big_int (name TEXT) RETURNS BIGINT AS $$
BEGIN RETURN COALESCE(NULLIF(current_setting(name, TRUE), ''), '0')::BIGINT; END $$ LANGUAGE plpgsql
----
CREATE FUNCTION get_session_boolean (name TEXT) RETURNS BOOLEAN AS $$
BEGIN RETURN COALESCE(NULLIF(current_setting(name, TRUE), ''), 'false')::BOOLEAN; END $$ LANGUAGE plpgsql
----
-- Seconds since 1970, and how far the time zone of the session is from Greenwich's.
CREATE FUNCTION gmt_epoch (input_ts TIMESTAMP WITH TIME ZONE) RETURNS BIGINT AS $$
BEGIN RETURN (extract(EPOCH FROM input_ts) + extract(TIMEZONE FROM input_ts))::BIGINT; END $$ LANGUAGE plpgsql
