-- What Kea's servers and its `kea-admin` call of leases.
----
CREATE FUNCTION colonSeparatedHex (hex TEXT) RETURNS TEXT AS $$
BEGIN
  RETURN lower(regexp_replace(lpad(hex, length(hex) + length(hex) % 2, '0'), '(..)(?=.)', '\1:', 'g'));
END $$ LANGUAGE plpgsql
----
-- Says that a limit is reached; nothing, if it is not, or if there is none.
CREATE FUNCTION leaseLimitReached (kind TEXT, most BIGINT, whose TEXT, has BIGINT) RETURNS TEXT AS $$
BEGIN
  RETURN CASE WHEN most <= COALESCE(has, 0)
    THEN format('%s limit %s for %s, current lease count %s', kind, most, whose, COALESCE(has, 0)) ELSE '' END;
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION checkLease4Limits (user_context TEXT) RETURNS TEXT AS $$
DECLARE
  limits JSON := NULLIF(user_context, '')::JSON -> 'ISC' -> 'limits';
  said TEXT;
BEGIN
  SELECT reached INTO said FROM (
    SELECT 1 AS place, leaseLimitReached('address', (class ->> 'address-limit')::BIGINT,
      format('client class "%s"', class ->> 'name'),
      (SELECT leases FROM lease4_stat_by_client_class WHERE client_class = class ->> 'name')) AS reached
    FROM json_array_elements(limits -> 'client-classes') class
    UNION ALL SELECT 2, leaseLimitReached('address', (limits -> 'subnet' ->> 'address-limit')::BIGINT,
      format('subnet ID %s', limits -> 'subnet' ->> 'id'),
      (SELECT leases FROM lease4_stat WHERE subnet_id = (limits -> 'subnet' ->> 'id')::BIGINT AND state = 0))
  ) every WHERE reached <> '' ORDER BY place LIMIT 1;
  RETURN COALESCE(said, '');
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION checkLease6Limits (user_context TEXT) RETURNS TEXT AS $$
DECLARE
  limits JSON := NULLIF(user_context, '')::JSON -> 'ISC' -> 'limits';
  said TEXT;
BEGIN
  SELECT reached INTO said FROM (
    SELECT 1 AS place, leaseLimitReached(kind, (class ->> (kind || '-limit'))::BIGINT,
      format('client class "%s"', class ->> 'name'),
      (SELECT leases FROM lease6_stat_by_client_class s WHERE s.client_class = class ->> 'name' AND s.lease_type = type))
      AS reached
    FROM json_array_elements(limits -> 'client-classes') class, (VALUES ('address', 0), ('prefix', 2)) kinds (kind, type)
    UNION ALL SELECT 2, leaseLimitReached(kind, (limits -> 'subnet' ->> (kind || '-limit'))::BIGINT,
      format('subnet ID %s', limits -> 'subnet' ->> 'id'),
      (SELECT leases FROM lease6_stat s WHERE s.subnet_id = (limits -> 'subnet' ->> 'id')::BIGINT AND s.lease_type = type
        AND s.state = 0))
    FROM (VALUES ('address', 0), ('prefix', 2)) kinds (kind, type)
  ) every WHERE reached <> '' ORDER BY place LIMIT 1;
  RETURN COALESCE(said, '');
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION lease4DumpHeader () RETURNS TEXT AS $$
SELECT 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'::TEXT
$$ LANGUAGE SQL
----
CREATE FUNCTION lease4DumpData () RETURNS TABLE (address INET, hwaddr VARCHAR, client_id VARCHAR, valid_lifetime BIGINT,
  expire BIGINT, subnet_id BIGINT, fqdn_fwd INT, fqdn_rev INT, hostname VARCHAR, state BIGINT, user_context VARCHAR,
  pool_id BIGINT) AS $$
SELECT '0.0.0.0'::INET + address, colonSeparatedHex(encode(hwaddr, 'hex')), colonSeparatedHex(encode(client_id, 'hex')),
  valid_lifetime, extract(EPOCH FROM expire)::BIGINT, subnet_id, fqdn_fwd::INT, fqdn_rev::INT,
  replace(hostname, ',', '&#x2c'), state, replace(user_context, ',', '&#x2c'), pool_id FROM lease4 ORDER BY lease4.address
$$ LANGUAGE SQL
----
CREATE FUNCTION lease6DumpHeader () RETURNS TEXT AS $$
SELECT 'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,'
  || 'hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id'
$$ LANGUAGE SQL
----
CREATE FUNCTION lease6DumpData () RETURNS TABLE (address VARCHAR, duid VARCHAR, valid_lifetime BIGINT, expire BIGINT,
  subnet_id BIGINT, pref_lifetime BIGINT, lease_type SMALLINT, iaid INT, prefix_len SMALLINT, fqdn_fwd INT, fqdn_rev INT,
  hostname VARCHAR, hwaddr VARCHAR, state BIGINT, user_context VARCHAR, hwtype SMALLINT, hwaddr_source SMALLINT,
  pool_id BIGINT) AS $$
SELECT host(address), colonSeparatedHex(encode(duid, 'hex')), valid_lifetime, extract(EPOCH FROM expire)::BIGINT, subnet_id,
  pref_lifetime, lease_type, iaid, prefix_len, fqdn_fwd::INT, fqdn_rev::INT, replace(hostname, ',', '&#x2c'),
  colonSeparatedHex(encode(hwaddr, 'hex')), state, replace(user_context, ',', '&#x2c'), hwtype, hwaddr_source, pool_id
  FROM lease6 ORDER BY lease6.address
$$ LANGUAGE SQL
----
CREATE FUNCTION lease4Upload (address VARCHAR, hwaddr VARCHAR, client_id VARCHAR, valid_lifetime BIGINT, expire BIGINT,
  subnet_id BIGINT, fqdn_fwd INT, fqdn_rev INT, hostname VARCHAR, state BIGINT, user_context VARCHAR, pool_id BIGINT)
  RETURNS VOID AS $$
BEGIN
  INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state,
    user_context, pool_id)
  VALUES (address::INET - '0.0.0.0'::INET, decode(replace(hwaddr, ':', ''), 'hex'), decode(replace(client_id, ':', ''), 'hex'),
    valid_lifetime, to_timestamp(expire), subnet_id, fqdn_fwd::BOOLEAN, fqdn_rev::BOOLEAN, replace(hostname, '&#x2c', ','),
    state, replace(user_context, '&#x2c', ','), pool_id);
END $$ LANGUAGE plpgsql
----
CREATE FUNCTION lease6Upload (address VARCHAR, duid VARCHAR, valid_lifetime BIGINT, expire BIGINT, subnet_id BIGINT,
  pref_lifetime BIGINT, lease_type INT, iaid INT, prefix_len INT, fqdn_fwd INT, fqdn_rev INT, hostname VARCHAR,
  hwaddr VARCHAR, state BIGINT, user_context VARCHAR, hwtype INT, hwaddr_source INT, pool_id BIGINT) RETURNS VOID AS $$
BEGIN
  INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid, prefix_len,
    fqdn_fwd, fqdn_rev, hostname, hwaddr, state, user_context, hwtype, hwaddr_source, pool_id)
  VALUES (address::INET, decode(replace(duid, ':', ''), 'hex'), valid_lifetime, to_timestamp(expire), subnet_id,
    pref_lifetime, lease_type, iaid, prefix_len, fqdn_fwd::BOOLEAN, fqdn_rev::BOOLEAN, replace(hostname, '&#x2c', ','),
    decode(replace(hwaddr, ':', ''), 'hex'), state, replace(user_context, '&#x2c', ','), hwtype, hwaddr_source, pool_id);
END $$ LANGUAGE plpgsql
