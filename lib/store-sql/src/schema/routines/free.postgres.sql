-- Free addresses and prefixes of pools that several servers share (`shared-flq`): those that no lease has, or that
  have one
-- that was reclaimed (state 2).
----
CREATE FUNCTION inetToBytea (inet_address INET) RETURNS BYTEA AS $$
-- What goes over the wire is family, length, kind and count, a byte each, and the address.
BEGIN RETURN substr(inet_send(inet_address), 5); END $$ LANGUAGE plpgsql
----
CREATE FUNCTION byteaToInet (bin_address BYTEA) RETURNS INET AS $$
BEGIN
  RETURN CASE WHEN octet_length(bin_address) = 16
    THEN regexp_replace(encode(bin_address, 'hex'), '(....)(?=.)', '\1:', 'g')::INET ELSE '::'::INET END;
END $$ LANGUAGE plpgsql
----
-- An address is free, or not, after a change of its lease to this state; NULL when that went.
CREATE FUNCTION sflqKeep4 (which BIGINT, state BIGINT) RETURNS VOID AS $$
BEGIN
  IF COALESCE(state, 2) = 2 THEN
    INSERT INTO free_lease4 (address) VALUES (which) ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM free_lease4 WHERE address = which;
  END IF;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqKeep6 (which INET, state BIGINT) RETURNS VOID AS $$
BEGIN
  IF COALESCE(state, 2) = 2 THEN
    INSERT INTO free_lease6 (address, bin_address) VALUES (which, inetToBytea(which)) ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM free_lease6 WHERE address = which;
  END IF;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqInsertLease4 (p_address BIGINT, p_hwaddr BYTEA, p_client_id BYTEA, p_valid_lifetime BIGINT,
  p_expire TIMESTAMP WITH TIME ZONE, p_subnet_id BIGINT, p_fqdn_fwd BOOLEAN, p_fqdn_rev BOOLEAN, p_hostname VARCHAR,
  p_state BIGINT, p_user_context TEXT, p_relay_id BYTEA, p_remote_id BYTEA, p_pool_id BIGINT) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state,
    user_context, relay_id, remote_id, pool_id)
  VALUES (p_address, p_hwaddr, p_client_id, p_valid_lifetime, p_expire, p_subnet_id, p_fqdn_fwd, p_fqdn_rev,
  p_hostname, p_state,
    p_user_context, p_relay_id, p_remote_id, p_pool_id);
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep4(p_address, p_state); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqUpdateLease4 (p_address BIGINT, p_hwaddr BYTEA, p_client_id BYTEA, p_valid_lifetime BIGINT,
  p_expire TIMESTAMP WITH TIME ZONE, p_subnet_id BIGINT, p_fqdn_fwd BOOLEAN, p_fqdn_rev BOOLEAN, p_hostname VARCHAR,
  p_state BIGINT, p_user_context TEXT, p_relay_id BYTEA, p_remote_id BYTEA, p_pool_id BIGINT,
  p_where_address BIGINT, p_where_expire TIMESTAMP WITH TIME ZONE) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  UPDATE lease4 SET address = p_address, hwaddr = p_hwaddr, client_id = p_client_id, valid_lifetime = p_valid_lifetime,
    expire = p_expire, subnet_id = p_subnet_id, fqdn_fwd = p_fqdn_fwd, fqdn_rev = p_fqdn_rev, hostname = p_hostname,
    state = p_state, user_context = p_user_context, relay_id = p_relay_id, remote_id = p_remote_id, pool_id = p_pool_id
  WHERE address = p_where_address AND expire = p_where_expire;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep4(p_address, p_state); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqDeleteLease4 (p_address BIGINT, p_expire TIMESTAMP WITH TIME ZONE) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  DELETE FROM lease4 WHERE address = p_address AND expire = p_expire;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep4(p_address, NULL); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqInsertLease6 (p_address INET, p_duid BYTEA, p_valid_lifetime BIGINT, p_expire TIMESTAMP WITH TIME
  ZONE,
  p_subnet_id BIGINT, p_pref_lifetime BIGINT, p_lease_type SMALLINT, p_iaid INT, p_prefix_len SMALLINT, p_fqdn_fwd
  BOOLEAN,
  p_fqdn_rev BOOLEAN, p_hostname VARCHAR, p_hwaddr BYTEA, p_hwtype SMALLINT, p_hwaddr_source SMALLINT, p_state BIGINT,
  p_user_context TEXT, p_pool_id BIGINT) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid, prefix_len,
  fqdn_fwd,
    fqdn_rev, hostname, hwaddr, hwtype, hwaddr_source, state, user_context, pool_id)
  VALUES (p_address, p_duid, p_valid_lifetime, p_expire, p_subnet_id, p_pref_lifetime, p_lease_type, p_iaid, p_prefix_len,
    p_fqdn_fwd, p_fqdn_rev, p_hostname, p_hwaddr, p_hwtype, p_hwaddr_source, p_state, p_user_context, p_pool_id);
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep6(p_address, p_state); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqUpdateLease6 (p_address INET, p_duid BYTEA, p_valid_lifetime BIGINT, p_expire TIMESTAMP WITH TIME
  ZONE,
  p_subnet_id BIGINT, p_pref_lifetime BIGINT, p_lease_type SMALLINT, p_iaid INT, p_prefix_len SMALLINT, p_fqdn_fwd
  BOOLEAN,
  p_fqdn_rev BOOLEAN, p_hostname VARCHAR, p_hwaddr BYTEA, p_hwtype SMALLINT, p_hwaddr_source SMALLINT, p_state BIGINT,
  p_user_context TEXT, p_pool_id BIGINT,
  p_where_address INET, p_where_expire TIMESTAMP WITH TIME ZONE) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  UPDATE lease6 SET address = p_address, duid = p_duid, valid_lifetime = p_valid_lifetime, expire = p_expire,
    subnet_id = p_subnet_id, pref_lifetime = p_pref_lifetime, lease_type = p_lease_type, iaid = p_iaid,
    prefix_len = p_prefix_len, fqdn_fwd = p_fqdn_fwd, fqdn_rev = p_fqdn_rev, hostname = p_hostname, hwaddr = p_hwaddr,
    hwtype = p_hwtype, hwaddr_source = p_hwaddr_source, state = p_state, user_context = p_user_context, pool_id =
    p_pool_id
  WHERE address = p_where_address AND expire = p_where_expire;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep6(p_address, p_state); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION sflqDeleteLease6 (p_address INET, p_expire TIMESTAMP WITH TIME ZONE) RETURNS INT AS $$
DECLARE
  changed INT;
BEGIN
  DELETE FROM lease6 WHERE address = p_address AND expire = p_expire;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed > 0 THEN PERFORM sflqKeep6(p_address, NULL); END IF;
  RETURN changed;
END $$ LANGUAGE plpgsql
----
-- The next free address of a pool after the one that was given last, or the first; 0 if there is none, or no such pool.
CREATE FUNCTION sflqPickFreeLease4 (p_start_address BIGINT, p_end_address BIGINT) RETURNS BIGINT AS $$
DECLARE
  pool flq_pool4%ROWTYPE;
  chosen BIGINT;
BEGIN
  SELECT * INTO pool FROM flq_pool4 WHERE start_address = p_start_address AND end_address = p_end_address;
  IF NOT FOUND THEN RETURN 0; END IF;
  chosen := COALESCE(
    (SELECT MIN(address) FROM free_lease4
      WHERE address > pool.last_returned_address AND address BETWEEN p_start_address AND p_end_address),
    (SELECT MIN(address) FROM free_lease4 WHERE address BETWEEN p_start_address AND p_end_address), 0);
  UPDATE flq_pool4 SET last_returned_address = chosen WHERE id = pool.id;
  RETURN chosen;
END $$ LANGUAGE plpgsql
----
-- The same of a pool of addresses or prefixes; `::` if there is none.
CREATE FUNCTION sflqPickFreeLease6 (alloc_start_address INET, alloc_end_address INET) RETURNS INET AS $$
DECLARE
  pool flq_pool6%ROWTYPE;
  chosen INET;
BEGIN
  SELECT * INTO pool FROM flq_pool6 WHERE start_address = alloc_start_address AND end_address = alloc_end_address;
  IF NOT FOUND THEN RETURN '::'::INET; END IF;
  chosen := COALESCE(
    (SELECT MIN(address) FROM free_lease6
      WHERE address > pool.last_returned_address AND address BETWEEN alloc_start_address AND alloc_end_address),
    (SELECT MIN(address) FROM free_lease6 WHERE address BETWEEN alloc_start_address AND alloc_end_address), '::'::INET);
  UPDATE flq_pool6 SET last_returned_address = chosen WHERE id = pool.id;
  RETURN chosen;
END $$ LANGUAGE plpgsql
----
-- Makes a pool, and finds out what is free of it. One that is there is an error (a duplicate key), unless it is to be made
-- anew.
CREATE FUNCTION sflqCreateFlqPool4 (p_start_address BIGINT, p_end_address BIGINT, p_subnet_id BIGINT, p_recreate BOOLEAN)
  RETURNS VOID AS $$
BEGIN
  IF p_start_address = 0 OR p_start_address > p_end_address THEN
    RAISE EXCEPTION 'Invalid range: % - %', '0.0.0.0'::INET + p_start_address, '0.0.0.0'::INET + p_end_address;
  END IF;
  IF NOT p_recreate OR NOT EXISTS
      (SELECT 1 FROM flq_pool4 WHERE start_address = p_start_address AND end_address = p_end_address) THEN
    INSERT INTO flq_pool4 (start_address, end_address, subnet_id) VALUES (p_start_address, p_end_address, p_subnet_id);
  END IF;
  DELETE FROM free_lease4 WHERE address BETWEEN p_start_address AND p_end_address;
  INSERT INTO free_lease4 (address) SELECT free FROM generate_series(p_start_address, p_end_address) free
    WHERE NOT EXISTS (SELECT 1 FROM lease4 l WHERE l.address = free AND l.state <> 2) ON CONFLICT DO NOTHING;
  UPDATE flq_pool4 SET modification_ts = now() WHERE start_address = p_start_address AND end_address = p_end_address;
END $$ LANGUAGE plpgsql
----
-- The next prefix of the same length; after the last comes the first.
CREATE FUNCTION incrementV6Prefix (prefix BYTEA, prefix_len SMALLINT) RETURNS BYTEA AS $$
DECLARE
  at INT := (prefix_len - 1) / 8;
  total INT := 1 << (7 - (prefix_len - 1) % 8);
BEGIN
  WHILE prefix_len BETWEEN 1 AND 128 AND at >= 0 LOOP
    total := total + get_byte(prefix, at);
    prefix := set_byte(prefix, at, total % 256);
    EXIT WHEN total < 256;
    total := 1;
    at := at - 1;
  END LOOP;
  RETURN prefix;
END $$ LANGUAGE plpgsql
----
-- As sflqCreateFlqPool4; a pool with another length of prefixes than before is made anew.
CREATE FUNCTION sflqCreateFlqPool6 (p_start_address INET, p_end_address INET, p_lease_type SMALLINT,
  p_delegated_len SMALLINT, p_subnet_id BIGINT, p_recreate BOOLEAN) RETURNS VOID AS $$
DECLARE
  next BYTEA := inetToBytea(p_start_address);
  final BYTEA := inetToBytea(p_end_address);
  last BYTEA;
BEGIN
  IF p_start_address = '::'::INET OR p_start_address > p_end_address THEN
    RAISE EXCEPTION 'Invalid range: % - %', host(p_start_address), host(p_end_address);
  ELSIF p_delegated_len NOT BETWEEN 1 AND 128 THEN
    RAISE EXCEPTION 'Invalid p_delegated_len: %', p_delegated_len;
  END IF;
  DELETE FROM flq_pool6
    WHERE start_address = p_start_address AND end_address = p_end_address AND delegated_len <> p_delegated_len;
  IF p_recreate THEN
    INSERT INTO flq_pool6 (start_address, end_address, lease_type, delegated_len, subnet_id)
      VALUES (p_start_address, p_end_address, p_lease_type, p_delegated_len, p_subnet_id)
      ON CONFLICT (start_address, end_address) DO UPDATE SET lease_type = p_lease_type, subnet_id = p_subnet_id;
  ELSE
    INSERT INTO flq_pool6 (start_address, end_address, lease_type, delegated_len, subnet_id)
      VALUES (p_start_address, p_end_address, p_lease_type, p_delegated_len, p_subnet_id);
  END IF;
  DELETE FROM free_lease6 WHERE address BETWEEN p_start_address AND p_end_address;
  LOOP
    INSERT INTO free_lease6 (address, bin_address) VALUES (byteaToInet(next), next) ON CONFLICT DO NOTHING;
    last := next;
    next := incrementV6Prefix(next, p_delegated_len);
    EXIT WHEN next <= last OR next > final;
  END LOOP;
  DELETE FROM free_lease6 f USING lease6 l
    WHERE l.address = f.address AND l.state <> 2 AND f.address BETWEEN p_start_address AND p_end_address;
  UPDATE flq_pool6 SET modification_ts = now() WHERE start_address = p_start_address AND end_address = p_end_address;
END $$ LANGUAGE plpgsql
