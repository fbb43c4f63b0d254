//! The body of the fuzz target `lease_file`, over lease files and what changes make of them.

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/bodies/lease_file.rs"]
mod lease_file;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

const SAMPLES: &[&[u8]] = &[
    include_bytes!("data/kea-2.2-leases4.csv"),
    b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n\
      192.0.2.1,02:00:00:00:00:01,01:02:00:00:00:00:01,3600,4600,1,1,1,host-1.example.,0,{\"a\": 1},7\n\
      192.0.2.2,,01:02,4294967295,4294967295,1,0,0,,0,,0\n\
      192.0.2.3,,,86400,86400,1,0,0,,1,,0\n\
      192.0.2.1,02:00:00:00:00:01,,0,4600,1,1,1,,0,,7\n\
      192.0.2.4,02:00:00:00:00:04,,3600,4600,2,0,1,a&#x2cb&#x26,2,{ \"x\": [ 1&#x2c 2 ] },0\n\
      192.0.2.5,02:00:00:00:00:05,,3600,4600,2,0,1,,3,,0",
    b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\r\n\
      10.0.0.1,1:2:3,,1,1,1,0,0,UPPER\r\n",
    b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,\
      hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n\
      2001:db8::1,00:03:00:01:02,3600,4600,1,1800,0,7,128,1,1,host-1.example.,02:00,0,{\"a\": 1},1,2,7\n\
      2001:db8:1::,00:03:00:01:02,4294967295,4294967295,1,1800,2,7,56,0,0,,,0,,0,0,0\n\
      2001:db8::3,00:00:00,86400,86400,1,0,0,0,128,0,0,,,1,,0,0,0\n\
      2001:db8::1,00:03:00:01:02,0,4600,1,1800,0,7,128,0,0,,,0,,0,0,0\n\
      2001:db8::4,00:01:02,3600,4600,2,0,1,1,128,0,1,a&#x2cb,02,4,{ \"x\": [ 1&#x2c 2 ] },6,128,0",
    b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname\r\n\
      2001::1,1:2:3,1,1,1,0,0,0,64,0,0,UPPER\r\n",
    b"",
    b"address,hwad",
    b"\n\n",
    b"duid,address\n",
];

const WORDS: &[&str] = &[
    ",",
    "\n",
    "\r\n",
    "&#x2c",
    "&#x",
    "0",
    "1",
    "4",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    ":",
    "02:03",
    "{}",
    "{\"a\":1}",
    "192.0.2.9",
    "255.255.255.255",
    "2001:db8::9",
    "00:00:00",
    "\n192.0.2.1,02:03,,60,60,1,0,0,,0,,0\n",
    "\u{e9}",
    "A",
    "\0",
];

/// Whatever a file has: refused and left alone, or read, and nothing that was read is ever lost.
#[test]
fn any_file_passes_the_fuzz_target() {
    let samples: Vec<_> = SAMPLES.iter().map(|sample| sample.to_vec()).collect();
    mutations::run(&samples, WORDS, 300, lease_file::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/lease_file"), lease_file::check);
}
