-- Free addresses and prefixes of pools that several servers share (`shared-flq`): those that no lease has, or that
  have one
-- that was reclaimed (state 2).
----
-- An address is free, or not, after a change of its lease to this state; NULL when that went.
CREATE PROCEDURE sflqKeep4 (IN which INT UNSIGNED, IN state INT UNSIGNED) MODIFIES SQL DATA
IF COALESCE(state, 2) = 2 THEN
  INSERT IGNORE INTO free_lease4 (address) VALUES (which);
ELSE
  DELETE FROM free_lease4 WHERE address = which;
END IF
----
CREATE PROCEDURE sflqKeep6 (IN which BINARY(16), IN state INT UNSIGNED) MODIFIES SQL DATA
IF COALESCE(state, 2) = 2 THEN
  INSERT IGNORE INTO free_lease6 (address, bin_address) VALUES (INET6_NTOA(which), which);
ELSE
  DELETE FROM free_lease6 WHERE bin_address = which;
END IF
----
CREATE FUNCTION sflqInsertLease4 (p_address INT UNSIGNED, p_hwaddr VARBINARY(20), p_client_id VARBINARY(255),
  p_valid_lifetime INT UNSIGNED,
  p_expire TIMESTAMP, p_subnet_id INT UNSIGNED, p_fqdn_fwd TINYINT(1), p_fqdn_rev TINYINT(1), p_hostname VARCHAR(255),
  p_state INT UNSIGNED, p_user_context TEXT, p_relay_id VARBINARY(255), p_remote_id VARBINARY(255), p_pool_id INT
  UNSIGNED) RETURNS INT MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state,
    user_context, relay_id, remote_id, pool_id)
  VALUES (p_address, p_hwaddr, p_client_id, p_valid_lifetime, p_expire, p_subnet_id, p_fqdn_fwd, p_fqdn_rev,
  p_hostname, p_state,
    p_user_context, p_relay_id, p_remote_id, p_pool_id);
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep4(p_address, p_state); END IF;
  RETURN changed;
END
----
CREATE FUNCTION sflqUpdateLease4 (p_address INT UNSIGNED, p_hwaddr VARBINARY(20), p_client_id VARBINARY(255),
  p_valid_lifetime INT UNSIGNED,
  p_expire TIMESTAMP, p_subnet_id INT UNSIGNED, p_fqdn_fwd TINYINT(1), p_fqdn_rev TINYINT(1), p_hostname VARCHAR(255),
  p_state INT UNSIGNED, p_user_context TEXT, p_relay_id VARBINARY(255), p_remote_id VARBINARY(255), p_pool_id INT
  UNSIGNED,
  p_where_address INT UNSIGNED, p_where_expire TIMESTAMP) RETURNS INT MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  UPDATE lease4 SET address = p_address, hwaddr = p_hwaddr, client_id = p_client_id, valid_lifetime = p_valid_lifetime,
    expire = p_expire, subnet_id = p_subnet_id, fqdn_fwd = p_fqdn_fwd, fqdn_rev = p_fqdn_rev, hostname = p_hostname,
    state = p_state, user_context = p_user_context, relay_id = p_relay_id, remote_id = p_remote_id, pool_id = p_pool_id
  WHERE address = p_where_address AND expire = p_where_expire;
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep4(p_address, p_state); END IF;
  RETURN changed;
END
----
CREATE FUNCTION sflqDeleteLease4 (p_address INT UNSIGNED, p_expire TIMESTAMP) RETURNS INT MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  DELETE FROM lease4 WHERE address = p_address AND expire = p_expire;
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep4(p_address, NULL); END IF;
  RETURN changed;
END
----
CREATE FUNCTION sflqInsertLease6 (p_address BINARY(16), p_duid VARBINARY(128), p_valid_lifetime INT UNSIGNED, p_expire
  TIMESTAMP, p_subnet_id INT UNSIGNED,
  p_pref_lifetime INT UNSIGNED, p_lease_type TINYINT, p_iaid INT UNSIGNED, p_prefix_len TINYINT UNSIGNED,
  p_fqdn_fwd TINYINT(1), p_fqdn_rev TINYINT(1), p_hostname VARCHAR(255), p_hwaddr VARBINARY(20), p_hwtype SMALLINT
  UNSIGNED,
  p_hwaddr_source INT UNSIGNED, p_state INT UNSIGNED, p_user_context TEXT, p_pool_id INT UNSIGNED) RETURNS INT
  MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid, prefix_len,
  fqdn_fwd,
    fqdn_rev, hostname, hwaddr, hwtype, hwaddr_source, state, user_context, pool_id)
  VALUES (p_address, p_duid, p_valid_lifetime, p_expire, p_subnet_id, p_pref_lifetime, p_lease_type, p_iaid, p_prefix_len,
    p_fqdn_fwd, p_fqdn_rev, p_hostname, p_hwaddr, p_hwtype, p_hwaddr_source, p_state, p_user_context, p_pool_id);
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep6(p_address, p_state); END IF;
  RETURN changed;
END
----
CREATE FUNCTION sflqUpdateLease6 (p_address BINARY(16), p_duid VARBINARY(128), p_valid_lifetime INT UNSIGNED, p_expire
  TIMESTAMP, p_subnet_id INT UNSIGNED,
  p_pref_lifetime INT UNSIGNED, p_lease_type TINYINT, p_iaid INT UNSIGNED, p_prefix_len TINYINT UNSIGNED,
  p_fqdn_fwd TINYINT(1), p_fqdn_rev TINYINT(1), p_hostname VARCHAR(255), p_hwaddr VARBINARY(20), p_hwtype SMALLINT
  UNSIGNED,
  p_hwaddr_source INT UNSIGNED, p_state INT UNSIGNED, p_user_context TEXT, p_pool_id INT UNSIGNED,
  p_where_address BINARY(16), p_where_expire TIMESTAMP) RETURNS INT MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  UPDATE lease6 SET address = p_address, duid = p_duid, valid_lifetime = p_valid_lifetime, expire = p_expire,
    subnet_id = p_subnet_id, pref_lifetime = p_pref_lifetime, lease_type = p_lease_type, iaid = p_iaid,
    prefix_len = p_prefix_len, fqdn_fwd = p_fqdn_fwd, fqdn_rev = p_fqdn_rev, hostname = p_hostname, hwaddr = p_hwaddr,
    hwtype = p_hwtype, hwaddr_source = p_hwaddr_source, state = p_state, user_context = p_user_context, pool_id =
    p_pool_id
  WHERE address = p_where_address AND expire = p_where_expire;
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep6(p_address, p_state); END IF;
  RETURN changed;
END
----
CREATE FUNCTION sflqDeleteLease6 (p_address BINARY(16), p_expire TIMESTAMP) RETURNS INT MODIFIES SQL DATA
BEGIN
  DECLARE changed INT;
  DELETE FROM lease6 WHERE address = p_address AND expire = p_expire;
  SET changed = ROW_COUNT();
  IF changed > 0 THEN CALL sflqKeep6(p_address, NULL); END IF;
  RETURN changed;
END
----
-- The next free address of a pool after the one that was given last, or the first; 0 if there is none, or no such pool.
CREATE FUNCTION sflqPickFreeLease4 (alloc_start_address INT UNSIGNED, alloc_end_address INT UNSIGNED)
  RETURNS INT UNSIGNED MODIFIES SQL DATA
BEGIN
  DECLARE pool BIGINT;
  DECLARE last, next INT UNSIGNED;
  SET pool = (SELECT id FROM flq_pool4 WHERE start_address = alloc_start_address AND end_address = alloc_end_address),
    last = (SELECT last_returned_address FROM flq_pool4 WHERE id = pool);
  IF pool IS NULL THEN RETURN 0; END IF;
  SET next = COALESCE(
    (SELECT MIN(address) FROM free_lease4
      WHERE address > last AND address BETWEEN alloc_start_address AND alloc_end_address),
    (SELECT MIN(address) FROM free_lease4 WHERE address BETWEEN alloc_start_address AND alloc_end_address), 0);
  IF next <> 0 THEN UPDATE flq_pool4 SET last_returned_address = next WHERE id = pool; END IF;
  RETURN next;
END
----
-- The same of a pool of addresses or prefixes; `::` if there is none.
CREATE FUNCTION sflqPickFreeLease6 (alloc_start_address VARCHAR(45), alloc_end_address VARCHAR(45))
  RETURNS VARCHAR(45) MODIFIES SQL DATA
BEGIN
  DECLARE pool BIGINT;
  DECLARE first, final, last, next BINARY(16);
  SET pool = (SELECT id FROM flq_pool6 WHERE start_address = alloc_start_address AND end_address = alloc_end_address),
    last = (SELECT INET6_ATON(last_returned_address) FROM flq_pool6 WHERE id = pool),
    first = INET6_ATON(alloc_start_address), final = INET6_ATON(alloc_end_address);
  IF pool IS NULL THEN RETURN '::'; END IF;
  SET next = COALESCE(
    (SELECT MIN(bin_address) FROM free_lease6 WHERE bin_address > last AND bin_address BETWEEN first AND final),
    (SELECT MIN(bin_address) FROM free_lease6 WHERE bin_address BETWEEN first AND final), INET6_ATON('::'));
  UPDATE flq_pool6 SET last_returned_address = INET6_NTOA(next) WHERE id = pool;
  RETURN INET6_NTOA(next);
END
----
-- Makes a pool, and finds out what is free of it. One that is there is an error (a duplicate key), unless it is to be made
-- anew.
CREATE PROCEDURE sflqCreateFlqPool4 (IN p_start_address INT UNSIGNED, IN p_end_address INT UNSIGNED,
  IN p_subnet_id INT UNSIGNED, IN p_recreate TINYINT) MODIFIES SQL DATA
BEGIN
  DECLARE next BIGINT UNSIGNED DEFAULT p_start_address;
  DECLARE trouble TEXT;
  IF p_start_address = 0 OR p_start_address > p_end_address THEN
    SET trouble = CONCAT('Invalid range: ', INET_NTOA(p_start_address), ' - ', INET_NTOA(p_end_address));
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = trouble;
  END IF;
  IF p_recreate = 0 OR NOT EXISTS
      (SELECT 1 FROM flq_pool4 WHERE start_address = p_start_address AND end_address = p_end_address) THEN
    INSERT INTO flq_pool4 (start_address, end_address, subnet_id) VALUES (p_start_address, p_end_address, p_subnet_id);
  END IF;
  DELETE FROM free_lease4 WHERE address BETWEEN p_start_address AND p_end_address;
  WHILE next <= p_end_address DO
    INSERT IGNORE INTO free_lease4 (address)
      WITH digit (d) AS (SELECT 0 UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5
        UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)
      SELECT next + 1000 * t.d + 100 * h.d + 10 * z.d + o.d FROM digit t, digit h, digit z, digit o
      WHERE next + 1000 * t.d + 100 * h.d + 10 * z.d + o.d <= p_end_address;
    SET next = next + 10000;
  END WHILE;
  DELETE f FROM free_lease4 f JOIN lease4 l ON l.address = f.address
    WHERE f.address BETWEEN p_start_address AND p_end_address AND l.state <> 2;
  UPDATE flq_pool4 SET modification_ts = CURRENT_TIMESTAMP
    WHERE start_address = p_start_address AND end_address = p_end_address;
END
----
-- The next prefix of the same length; after the last comes the first.
CREATE FUNCTION incrementV6Prefix (prefix BINARY(16), prefix_len INT UNSIGNED) RETURNS BINARY(16) DETERMINISTIC
BEGIN
  DECLARE at INT DEFAULT (prefix_len + 7) DIV 8;
  DECLARE total INT DEFAULT 1 << (8 * at - prefix_len);
  IF prefix_len NOT BETWEEN 1 AND 128 THEN RETURN prefix; END IF;
  WHILE at > 0 DO
    SET total = total + ASCII(SUBSTRING(prefix, at, 1));
    SET prefix = INSERT(prefix, at, 1, UNHEX(LPAD(HEX(total MOD 256), 2, '0')));
    IF total < 256 THEN RETURN prefix; END IF;
    SET total = 1, at = at - 1;
  END WHILE;
  RETURN prefix;
END
----
-- As sflqCreateFlqPool4; a pool with another length of prefixes than before is made anew.
CREATE PROCEDURE sflqCreateFlqPool6 (IN p_start_address VARCHAR(45), IN p_end_address VARCHAR(45),
  IN p_lease_type TINYINT UNSIGNED, IN p_delegated_len TINYINT UNSIGNED, IN p_subnet_id INT UNSIGNED,
  IN p_recreate TINYINT) MODIFIES SQL DATA
BEGIN
  DECLARE next, first, final BINARY(16);
  DECLARE trouble TEXT;
  SET first = INET6_ATON(p_start_address), final = INET6_ATON(p_end_address), next = first;
  SET trouble = CASE
    WHEN first = INET6_ATON('::') OR first > final THEN CONCAT('Invalid range: ', p_start_address, ' - ', p_end_address)
    WHEN p_delegated_len NOT BETWEEN 1 AND 128 THEN CONCAT('Invalid p_delegated_len: ', p_delegated_len)
  END;
  IF trouble IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = trouble;
  END IF;
  DELETE FROM flq_pool6 WHERE start_address = p_start_address AND end_address = p_end_address
    AND delegated_len <> p_delegated_len;
  IF p_recreate = 0 THEN
    INSERT INTO flq_pool6 (start_address, end_address, lease_type, delegated_len, subnet_id)
      VALUES (p_start_address, p_end_address, p_lease_type, p_delegated_len, p_subnet_id);
  ELSE
    INSERT INTO flq_pool6 (start_address, end_address, lease_type, delegated_len, subnet_id)
      VALUES (p_start_address, p_end_address, p_lease_type, p_delegated_len, p_subnet_id)
      ON DUPLICATE KEY UPDATE lease_type = p_lease_type, subnet_id = p_subnet_id;
  END IF;
  DELETE FROM free_lease6 WHERE bin_address BETWEEN first AND final;
  REPEAT
    INSERT IGNORE INTO free_lease6 (address, bin_address) VALUES (INET6_NTOA(next), next);
    SET first = next, next = incrementV6Prefix(next, p_delegated_len);
  UNTIL next <= first OR next > final END REPEAT;
  DELETE f FROM free_lease6 f JOIN lease6 l ON l.address = f.bin_address
    WHERE f.bin_address BETWEEN INET6_ATON(p_start_address) AND final AND l.state <> 2;
  UPDATE flq_pool6 SET modification_ts = CURRENT_TIMESTAMP
    WHERE start_address = p_start_address AND end_address = p_end_address;
END
