-- What writers of the configuration call, and what its triggers do. `#` is the protocol.
----
-- Begins a change: rows that triggers write of it belong to this revision. `cascade_transaction`: what lies in the object
-- that is changed is changed with it, and not told of by itself.
CREATE FUNCTION createAuditRevisionDHCP# (audit_ts TIMESTAMP WITH TIME ZONE, server_tag VARCHAR, audit_log_message TEXT,
  cascade_transaction BOOLEAN) RETURNS VOID AS $$
DECLARE
  revision BIGINT;
BEGIN
  IF NOT get_session_boolean('kea.disable_audit') THEN
    INSERT INTO dhcp#_audit_revision (modification_ts, server_id, log_message)
      VALUES (audit_ts, (SELECT id FROM dhcp#_server WHERE tag = server_tag), audit_log_message)
      RETURNING id INTO revision;
    PERFORM set_session_value('kea.audit_revision_id', revision);
    PERFORM set_session_value('kea.cascade_transaction', cascade_transaction);
  END IF;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION createAuditEntryDHCP# (object_type_val VARCHAR, object_id_val BIGINT, modification_type_val VARCHAR)
  RETURNS VOID AS $$
BEGIN
  IF NOT get_session_boolean('kea.disable_audit') THEN
    INSERT INTO dhcp#_audit (object_type, object_id, modification_type, revision_id)
      SELECT object_type_val, object_id_val, m.id, get_session_big_int('kea.audit_revision_id') FROM modification m
      WHERE m.modification_type = modification_type_val;
  END IF;
END $$ LANGUAGE plpgsql
----
-- An option is told of by what it lies in, whose time of modification becomes that of the option; one that lies in nothing
-- is told of by itself.
CREATE FUNCTION createOptionAuditDHCP# (modification_type VARCHAR, scope_id SMALLINT, option_id INT, p_subnet_id BIGINT,
  host_id INT, network_name VARCHAR, pool_id BIGINT,{6: pd_pool_id BIGINT,} p_modification_ts TIMESTAMP WITH TIME ZONE)
  RETURNS VOID AS $$
BEGIN
  IF get_session_boolean('kea.cascade_transaction') THEN
    RETURN;
  END IF;
  CASE scope_id
    WHEN 0 THEN PERFORM createAuditEntryDHCP#('dhcp#_options', option_id, modification_type);
    WHEN 1 THEN UPDATE dhcp#_subnet SET modification_ts = p_modification_ts WHERE subnet_id = p_subnet_id;
    WHEN 4 THEN UPDATE dhcp#_shared_network SET modification_ts = p_modification_ts WHERE name = network_name;
    WHEN 5 THEN UPDATE dhcp#_subnet s SET modification_ts = p_modification_ts FROM dhcp#_pool p
      WHERE p.id = $7 AND p.subnet_id = s.subnet_id;
{6:    WHEN 6 THEN UPDATE dhcp#_subnet s SET modification_ts = p_modification_ts FROM dhcp#_pd_pool p
      WHERE p.id = $8 AND p.subnet_id = s.subnet_id;
}    ELSE NULL;
  END CASE;
END $$ LANGUAGE plpgsql
----
-- Puts a class behind another, or at the end; one that is there stays if what it is to follow stays the same.
CREATE FUNCTION setClientClass#Order (id BIGINT, new_follow_class_name VARCHAR, old_follow_class_name VARCHAR)
  RETURNS VOID AS $$
DECLARE
  place BIGINT;
  indirectly BOOLEAN;
BEGIN
  SELECT o.depend_on_known_indirectly INTO indirectly FROM dhcp#_client_class_order o WHERE o.class_id = $1;
  PERFORM set_session_value('kea.depend_on_known_indirectly', COALESCE(indirectly, FALSE));
  IF indirectly IS NOT NULL AND new_follow_class_name IS NOT DISTINCT FROM old_follow_class_name THEN
    UPDATE dhcp#_client_class_order SET depend_on_known_indirectly = FALSE WHERE class_id = $1;
    RETURN;
  END IF;
  IF new_follow_class_name IS NULL THEN
    SELECT COALESCE(MAX(o.order_index), 0) + 1 INTO place FROM dhcp#_client_class_order o;
  ELSE
    SELECT o.order_index + 1 INTO place FROM dhcp#_client_class_order o JOIN dhcp#_client_class c ON c.id = o.class_id
      WHERE c.name = new_follow_class_name;
    IF place IS NULL THEN
      RAISE EXCEPTION 'Class % does not exist.', new_follow_class_name USING ERRCODE = 'sql_routine_exception';
    END IF;
    IF EXISTS (SELECT 1 FROM dhcp#_client_class_order o WHERE o.order_index = place) THEN
      UPDATE dhcp#_client_class_order SET order_index = order_index + 1 WHERE order_index >= place;
    END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM dhcp#_client_class_dependency d JOIN dhcp#_client_class_order o ON o.class_id = d.class_id
      WHERE d.dependency_id = $1 AND o.order_index < place) THEN
    RAISE EXCEPTION 'Unable to move class with id % because it would break its dependencies', $1
      USING ERRCODE = 'sql_routine_exception';
  END IF;
  INSERT INTO dhcp#_client_class_order (class_id, order_index, depend_on_known_indirectly) VALUES ($1, place, FALSE)
    ON CONFLICT (class_id) DO UPDATE SET order_index = place, depend_on_known_indirectly = FALSE;
END $$ LANGUAGE plpgsql
----
-- A class depends on earlier ones, which all of its servers have.
CREATE FUNCTION checkDHCPv#ClientClassDependency (p_class_id BIGINT, p_dependency_id BIGINT) RETURNS VOID AS $$
DECLARE
  own BIGINT := (SELECT order_index FROM dhcp#_client_class_order WHERE class_id = p_class_id);
  other BIGINT := (SELECT order_index FROM dhcp#_client_class_order WHERE class_id = p_dependency_id);
  trouble TEXT;
BEGIN
  trouble := CASE
    WHEN p_class_id IS NULL THEN 'Client class id must not be NULL.'
    WHEN p_dependency_id IS NULL THEN 'Class dependency id must not be NULL.'
    WHEN p_class_id = p_dependency_id THEN 'Client class must not have dependency on self.'
    WHEN own IS NULL THEN format('Client class with id %s does not exist.', p_class_id)
    WHEN other IS NULL THEN format('Client class with id %s does not exist.', p_dependency_id)
    WHEN other > own THEN
      format('Client class with id %s must not depend on class defined later with id %s', p_class_id, p_dependency_id)
    WHEN EXISTS (SELECT 1 FROM dhcp#_client_class_server mine WHERE mine.class_id = p_class_id AND NOT EXISTS
        (SELECT 1 FROM dhcp#_client_class_server its
          WHERE its.class_id = p_dependency_id AND its.server_id IN (1, mine.server_id))) THEN
      format('Unmet dependencies for client class with id %s', p_class_id)
  END;
  IF trouble IS NOT NULL THEN
    RAISE EXCEPTION '%', trouble USING ERRCODE = 'sql_routine_exception';
  END IF;
END $$ LANGUAGE plpgsql
----
-- Who depends on a class that depends on KNOWN or UNKNOWN depends on it, too.
CREATE FUNCTION updateDHCPv#ClientClassKnownDependency (client_class_id BIGINT, dependency_id BIGINT) RETURNS VOID AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM dhcp#_client_class c LEFT JOIN dhcp#_client_class_order o ON o.class_id = c.id
      WHERE c.id = $2 AND (c.depend_on_known_directly OR o.depend_on_known_indirectly)) THEN
    UPDATE dhcp#_client_class_order SET depend_on_known_indirectly = TRUE WHERE class_id = $1;
  END IF;
END $$ LANGUAGE plpgsql
----
-- Called when a class was changed: others that depend on it were judged by whether it depends on KNOWN or UNKNOWN.
CREATE FUNCTION checkDHCPv#ClientClassKnownDependencyChange () RETURNS VOID AS $$
DECLARE
  changed BIGINT := get_session_big_int('kea.client_class_id');
  before BOOLEAN := get_session_boolean('kea.depend_on_known_directly')
    OR get_session_boolean('kea.depend_on_known_indirectly');
BEGIN
  IF EXISTS (SELECT 1 FROM dhcp#_client_class_dependency d WHERE d.dependency_id = changed)
      AND before <> EXISTS (SELECT 1 FROM dhcp#_client_class c LEFT JOIN dhcp#_client_class_order o ON o.class_id = c.id
        WHERE c.id = changed AND (c.depend_on_known_directly OR o.depend_on_known_indirectly)) THEN
    RAISE EXCEPTION 'Class dependency on KNOWN/UNKNOWN built-in classes must not change.'
      USING ERRCODE = 'sql_routine_exception';
  END IF;
END $$ LANGUAGE plpgsql
