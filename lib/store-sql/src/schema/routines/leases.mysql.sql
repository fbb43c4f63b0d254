-- What Kea's servers and its `kea-admin` call of leases.
----
CREATE FUNCTION colonSeparatedHex (hex VARCHAR(64)) RETURNS VARCHAR(64) DETERMINISTIC
BEGIN
  DECLARE place INT;
  SET hex = LOWER(CONCAT(IF(LENGTH(hex) MOD 2 = 1, '0', ''), hex)), place = LENGTH(hex) - 2;
  WHILE place > 0 DO
    SET hex = INSERT(hex, place + 1, 0, ':'), place = place - 2;
  END WHILE;
  RETURN hex;
END
----
-- Says that a limit is reached; nothing, if it is not, or if there is none.
CREATE FUNCTION leaseLimitReached (kind VARCHAR(16), most BIGINT, whose VARCHAR(300), has BIGINT) RETURNS TEXT DETERMINISTIC
RETURN IF(most <= COALESCE(has, 0),
  CONCAT(kind, ' limit ', most, ' for ', whose, ', current lease count ', COALESCE(has, 0)), '')
----
CREATE FUNCTION checkLease4Limits (user_context TEXT) RETURNS TEXT READS SQL DATA
BEGIN
  DECLARE classes, class, said TEXT;
  DECLARE name VARCHAR(255);
  DECLARE subnet, at INT DEFAULT 0;
  SET user_context = NULLIF(user_context, ''), classes = JSON_EXTRACT(user_context, '$."ISC"."limits"."client-classes"');
  WHILE at < COALESCE(JSON_LENGTH(classes), 0) DO
    SET class = JSON_EXTRACT(classes, CONCAT('$[', at, ']')), name = JSON_UNQUOTE(JSON_EXTRACT(class, '$.name'));
    SET said = leaseLimitReached('address', JSON_EXTRACT(class, '$."address-limit"'), CONCAT('client class "', name, '"'),
      (SELECT s.leases FROM lease4_stat_by_client_class s WHERE s.client_class = name));
    IF said <> '' THEN RETURN said; END IF;
    SET at = at + 1;
  END WHILE;
  SET class = JSON_EXTRACT(user_context, '$."ISC"."limits"."subnet"'), subnet = JSON_EXTRACT(class, '$.id');
  RETURN leaseLimitReached('address', JSON_EXTRACT(class, '$."address-limit"'), CONCAT('subnet ID ', subnet),
    (SELECT s.leases FROM lease4_stat s WHERE s.subnet_id = subnet AND s.state = 0));
END
----
CREATE FUNCTION checkLease6Limits (user_context TEXT) RETURNS TEXT READS SQL DATA
BEGIN
  DECLARE classes, class, said TEXT;
  DECLARE name VARCHAR(255);
  DECLARE subnet, at INT DEFAULT 0;
  SET user_context = NULLIF(user_context, ''), classes = JSON_EXTRACT(user_context, '$."ISC"."limits"."client-classes"');
  WHILE at < COALESCE(JSON_LENGTH(classes), 0) DO
    SET class = JSON_EXTRACT(classes, CONCAT('$[', at, ']')), name = JSON_UNQUOTE(JSON_EXTRACT(class, '$.name'));
    SET said = leaseLimitReached('address', JSON_EXTRACT(class, '$."address-limit"'), CONCAT('client class "', name, '"'),
      (SELECT s.leases FROM lease6_stat_by_client_class s WHERE s.client_class = name AND s.lease_type = 0));
    IF said <> '' THEN RETURN said; END IF;
    SET said = leaseLimitReached('prefix', JSON_EXTRACT(class, '$."prefix-limit"'), CONCAT('client class "', name, '"'),
      (SELECT s.leases FROM lease6_stat_by_client_class s WHERE s.client_class = name AND s.lease_type = 2));
    IF said <> '' THEN RETURN said; END IF;
    SET at = at + 1;
  END WHILE;
  SET class = JSON_EXTRACT(user_context, '$."ISC"."limits"."subnet"'), subnet = JSON_EXTRACT(class, '$.id');
  SET said = leaseLimitReached('address', JSON_EXTRACT(class, '$."address-limit"'), CONCAT('subnet ID ', subnet),
    (SELECT s.leases FROM lease6_stat s WHERE s.subnet_id = subnet AND s.lease_type = 0 AND s.state = 0));
  IF said <> '' THEN RETURN said; END IF;
  RETURN leaseLimitReached('prefix', JSON_EXTRACT(class, '$."prefix-limit"'), CONCAT('subnet ID ', subnet),
    (SELECT s.leases FROM lease6_stat s WHERE s.subnet_id = subnet AND s.lease_type = 2 AND s.state = 0));
END
----
CREATE PROCEDURE lease4DumpHeader () NO SQL
SELECT 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'
----
CREATE PROCEDURE lease4DumpData () READS SQL DATA
SELECT INET_NTOA(address), COALESCE(colonSeparatedHex(HEX(hwaddr)), ''), COALESCE(colonSeparatedHex(HEX(client_id)), ''),
  valid_lifetime, UNIX_TIMESTAMP(expire), subnet_id, fqdn_fwd, fqdn_rev, REPLACE(hostname, ',', '&#x2c'), state,
  REPLACE(COALESCE(user_context, ''), ',', '&#x2c'), pool_id FROM lease4 ORDER BY address
----
CREATE PROCEDURE lease6DumpHeader () NO SQL
SELECT CONCAT('address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,',
  'hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id')
----
CREATE PROCEDURE lease6DumpData () READS SQL DATA
SELECT INET6_NTOA(address), COALESCE(colonSeparatedHex(HEX(duid)), ''), valid_lifetime, UNIX_TIMESTAMP(expire), subnet_id,
  pref_lifetime, lease_type, iaid, prefix_len, fqdn_fwd, fqdn_rev, REPLACE(hostname, ',', '&#x2c'),
  COALESCE(colonSeparatedHex(HEX(hwaddr)), ''), state, REPLACE(COALESCE(user_context, ''), ',', '&#x2c'), hwtype,
  hwaddr_source, pool_id FROM lease6 ORDER BY address
----
CREATE PROCEDURE lease4Upload (IN address VARCHAR(15), IN hwaddr VARCHAR(20), IN client_id VARCHAR(255),
  IN valid_lifetime INT UNSIGNED, IN expire BIGINT UNSIGNED, IN subnet_id INT UNSIGNED, IN fqdn_fwd TINYINT,
  IN fqdn_rev TINYINT, IN hostname VARCHAR(255), IN state INT UNSIGNED, IN user_context TEXT, IN pool_id INT UNSIGNED)
  MODIFIES SQL DATA
INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state,
  user_context, pool_id)
VALUES (INET_ATON(address), UNHEX(REPLACE(hwaddr, ':', '')), UNHEX(REPLACE(client_id, ':', '')), valid_lifetime,
  FROM_UNIXTIME(expire), subnet_id, fqdn_fwd, fqdn_rev, REPLACE(hostname, '&#x2c', ','), state,
  REPLACE(user_context, '&#x2c', ','), pool_id)
----
CREATE PROCEDURE lease6Upload (IN address VARCHAR(39), IN duid VARCHAR(130), IN valid_lifetime INT UNSIGNED,
  IN expire BIGINT UNSIGNED, IN subnet_id INT UNSIGNED, IN pref_lifetime INT UNSIGNED, IN lease_type TINYINT,
  IN iaid INT UNSIGNED, IN prefix_len TINYINT UNSIGNED, IN fqdn_fwd TINYINT, IN fqdn_rev TINYINT,
  IN hostname VARCHAR(255), IN hwaddr VARCHAR(64), IN state INT UNSIGNED, IN user_context TEXT, IN hwtype SMALLINT,
  IN hwaddr_source INT UNSIGNED, IN pool_id INT UNSIGNED) MODIFIES SQL DATA
INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid, prefix_len, fqdn_fwd,
  fqdn_rev, hostname, hwaddr, state, user_context, hwtype, hwaddr_source, pool_id)
VALUES (INET6_ATON(address), UNHEX(REPLACE(duid, ':', '')), valid_lifetime, FROM_UNIXTIME(expire), subnet_id, pref_lifetime,
  lease_type, iaid, prefix_len, fqdn_fwd, fqdn_rev, REPLACE(hostname, '&#x2c', ','), UNHEX(REPLACE(hwaddr, ':', '')), state,
  REPLACE(user_context, '&#x2c', ','), hwtype, hwaddr_source, pool_id)
