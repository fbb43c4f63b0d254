-- What writers of the configuration call, and what its triggers do. `#` is the protocol.
----
-- Begins a change: rows that triggers write of it belong to this revision. `cascade_transaction`: what lies in the object
-- that is changed is changed with it, and not told of by itself.
CREATE PROCEDURE createAuditRevisionDHCP# (IN audit_ts TIMESTAMP, IN server_tag VARCHAR(256), IN audit_log_message TEXT,
  IN cascade_transaction TINYINT(1)) MODIFIES SQL DATA
IF COALESCE(@disable_audit, 0) = 0 THEN
  INSERT INTO dhcp#_audit_revision (modification_ts, server_id, log_message)
    VALUES (audit_ts, (SELECT id FROM dhcp#_server WHERE tag = server_tag), audit_log_message);
  SET @audit_revision_id = LAST_INSERT_ID(), @cascade_transaction = cascade_transaction;
END IF
----
CREATE PROCEDURE createAuditEntryDHCP# (IN object_type_val VARCHAR(256), IN object_id_val BIGINT UNSIGNED,
  IN modification_type_val VARCHAR(32)) MODIFIES SQL DATA
IF COALESCE(@disable_audit, 0) = 0 THEN
  INSERT INTO dhcp#_audit (object_type, object_id, modification_type, revision_id)
    SELECT object_type_val, object_id_val, m.id, @audit_revision_id FROM modification m
    WHERE m.modification_type = modification_type_val;
END IF
----
-- An option is told of by what it lies in, whose time of modification becomes that of the option; one that lies in nothing
-- is told of by itself.
CREATE PROCEDURE createOptionAuditDHCP# (IN modification_type VARCHAR(32), IN scope_id TINYINT UNSIGNED,
  IN option_id BIGINT UNSIGNED, IN subnet_id INT UNSIGNED, IN host_id INT UNSIGNED, IN network_name VARCHAR(128),
  IN pool_id BIGINT,{6: IN pd_pool_id BIGINT,} IN modification_ts TIMESTAMP) MODIFIES SQL DATA
IF COALESCE(@cascade_transaction, 0) = 0 THEN
  CASE scope_id
    WHEN 0 THEN CALL createAuditEntryDHCP#('dhcp#_options', option_id, modification_type);
    WHEN 1 THEN UPDATE dhcp#_subnet s SET s.modification_ts = modification_ts WHERE s.subnet_id = subnet_id;
    WHEN 4 THEN UPDATE dhcp#_shared_network n SET n.modification_ts = modification_ts WHERE n.name = network_name;
    WHEN 5 THEN UPDATE dhcp#_subnet s JOIN dhcp#_pool p ON p.subnet_id = s.subnet_id
      SET s.modification_ts = modification_ts WHERE p.id = pool_id;
{6:    WHEN 6 THEN UPDATE dhcp#_subnet s JOIN dhcp#_pd_pool p ON p.subnet_id = s.subnet_id
      SET s.modification_ts = modification_ts WHERE p.id = pd_pool_id;
}    ELSE BEGIN END;
  END CASE;
END IF
----
-- Puts a class behind another, or at the end; one that is there stays if what it is to follow stays the same.
CREATE PROCEDURE setClientClass#Order (IN id BIGINT UNSIGNED, IN follow_class_name VARCHAR(128),
  IN old_follow_class_name VARCHAR(128)) MODIFIES SQL DATA
BEGIN
  DECLARE place BIGINT UNSIGNED;
  DECLARE trouble TEXT;
  SET @depend_on_known_indirectly =
    (SELECT o.depend_on_known_indirectly FROM dhcp#_client_class_order o WHERE o.class_id = id);
  IF @depend_on_known_indirectly IS NOT NULL AND follow_class_name <=> old_follow_class_name THEN
    UPDATE dhcp#_client_class_order o SET o.depend_on_known_indirectly = 0 WHERE o.class_id = id;
  ELSE
    IF follow_class_name IS NULL THEN
      SET place = (SELECT COALESCE(MAX(o.order_index), 0) + 1 FROM dhcp#_client_class_order o);
    ELSE
      SET place = (SELECT o.order_index + 1 FROM dhcp#_client_class_order o JOIN dhcp#_client_class c ON c.id = o.class_id
        WHERE c.name = follow_class_name);
      IF place IS NULL THEN
        SET trouble = CONCAT('Class ', follow_class_name, ' does not exist.');
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = trouble;
      END IF;
      IF EXISTS (SELECT 1 FROM dhcp#_client_class_order o WHERE o.order_index = place) THEN
        UPDATE dhcp#_client_class_order o SET o.order_index = o.order_index + 1 WHERE o.order_index >= place
          ORDER BY o.order_index DESC;
      END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM dhcp#_client_class_dependency d JOIN dhcp#_client_class_order o ON o.class_id = d.class_id
        WHERE d.dependency_id = id AND o.order_index < place) THEN
      SET trouble = CONCAT('Unable to move class with id ', id, ' because it would break its dependencies');
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = trouble;
    END IF;
    INSERT INTO dhcp#_client_class_order (class_id, order_index, depend_on_known_indirectly) VALUES (id, place, 0)
      ON DUPLICATE KEY UPDATE order_index = place, depend_on_known_indirectly = 0;
  END IF;
END
----
-- A class depends on earlier ones, which all of its servers have.
CREATE PROCEDURE checkDHCPv#ClientClassDependency (IN class_id BIGINT UNSIGNED, IN dependency_id BIGINT UNSIGNED)
  READS SQL DATA
BEGIN
  DECLARE own, other BIGINT UNSIGNED;
  DECLARE trouble TEXT;
  SET own = (SELECT o.order_index FROM dhcp#_client_class_order o WHERE o.class_id = class_id);
  SET other = (SELECT o.order_index FROM dhcp#_client_class_order o WHERE o.class_id = dependency_id);
  SET trouble = CASE
    WHEN class_id IS NULL THEN 'Client class id must not be NULL.'
    WHEN dependency_id IS NULL THEN 'Class dependency id must not be NULL.'
    WHEN class_id = dependency_id THEN 'Client class must not have dependency on self.'
    WHEN own IS NULL THEN CONCAT('Client class with id ', class_id, ' does not exist.')
    WHEN other IS NULL THEN CONCAT('Client class with id ', dependency_id, ' does not exist.')
    WHEN other > own THEN
      CONCAT('Client class with id ', class_id, ' must not depend on class defined later with id ', dependency_id)
    WHEN EXISTS (SELECT 1 FROM dhcp#_client_class_server mine WHERE mine.class_id = class_id AND NOT EXISTS
        (SELECT 1 FROM dhcp#_client_class_server its
          WHERE its.class_id = dependency_id AND its.server_id IN (1, mine.server_id))) THEN
      CONCAT('Unmet dependencies for client class with id ', class_id)
  END;
  IF trouble IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = trouble;
  END IF;
END
----
-- Who depends on a class that depends on KNOWN or UNKNOWN depends on it, too.
CREATE PROCEDURE updateDHCPv#ClientClassKnownDependency (IN client_class_id BIGINT UNSIGNED,
  IN dependency_id BIGINT UNSIGNED) MODIFIES SQL DATA
IF EXISTS (SELECT 1 FROM dhcp#_client_class c LEFT JOIN dhcp#_client_class_order o ON o.class_id = c.id
    WHERE c.id = dependency_id AND (c.depend_on_known_directly <> 0 OR o.depend_on_known_indirectly <> 0)) THEN
  UPDATE dhcp#_client_class_order o SET o.depend_on_known_indirectly = 1 WHERE o.class_id = client_class_id;
END IF
----
-- Called when a class was changed: others that depend on it were judged by whether it depends on KNOWN or UNKNOWN.
CREATE PROCEDURE checkDHCPv#ClientClassKnownDependencyChange () READS SQL DATA
BEGIN
  DECLARE before_, after_ BOOL;
  IF EXISTS (SELECT 1 FROM dhcp#_client_class_dependency d WHERE d.dependency_id = @client_class_id) THEN
    SET before_ = COALESCE(@depend_on_known_directly, 0) <> 0 OR COALESCE(@depend_on_known_indirectly, 0) <> 0;
    SET after_ = EXISTS (SELECT 1 FROM dhcp#_client_class c LEFT JOIN dhcp#_client_class_order o ON o.class_id = c.id
      WHERE c.id = @client_class_id AND (c.depend_on_known_directly <> 0 OR o.depend_on_known_indirectly <> 0));
    IF before_ <> after_ THEN
      SIGNAL SQLSTATE '45000'
        SET MESSAGE_TEXT = 'Class dependency on KNOWN/UNKNOWN built-in classes must not change.';
    END IF;
  END IF;
END
