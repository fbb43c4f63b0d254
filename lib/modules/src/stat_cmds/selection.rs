//! Which subnets are asked about.

use std::fmt;

use kotare_control::Request;
use kotare_model::SubnetId;
use serde_json::{Map, Value as Json};

/// Which subnets are asked about. Numbers that no id can be are kept: no subnet has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// All that are configured.
    All,
    /// One.
    One(i64),
    /// Those from one id to another.
    Range(i64, i64),
}

impl Selection {
    /// What a request asks about, or what is wrong with it.
    pub(super) fn of(request: &Request) -> Result<Self, String> {
        let arguments = match &request.arguments {
            None => return Ok(Self::All),
            Some(Json::Object(map)) => map,
            Some(_) => return Err("'arguments' parameter is not a map".into()),
        };
        let one = match arguments.get("subnet-id") {
            None => None,
            Some(value) => {
                let id = value.as_i64().ok_or("'subnet-id' parameter is not integer")?;
                Some(positive(id, "subnet-id")?)
            }
        };
        let Some(range) = arguments.get("subnet-range") else { return Ok(one.map_or(Self::All, Self::One)) };
        if one.is_some() {
            return Err("cannot specify both subnet-id and subnet-range".into());
        }
        let range = range.as_object().ok_or("subnet-range parameter is not a map")?;
        let (first, last) = (end(range, "first-subnet-id")?, end(range, "last-subnet-id")?);
        if last < first {
            return Err("'last-subnet-id' must be greater than 'first-subnet-id'".into());
        }
        Ok(Self::Range(first, last))
    }

    /// Those of `subnets` (ascending) that are asked about. An error says that there are none.
    pub(super) fn among(self, subnets: &[SubnetId]) -> Result<&[SubnetId], String> {
        let (first, last) = match self {
            Self::All => (0, i64::MAX),
            Self::One(id) => (id, id),
            Self::Range(first, last) => (first, last),
        };
        let id = |subnet: &SubnetId| i64::from(subnet.0);
        let begin = subnets.partition_point(|subnet| id(subnet) < first);
        let end = subnets.partition_point(|subnet| id(subnet) <= last);
        match self {
            _ if begin < end => Ok(&subnets[begin..end]),
            Self::One(id) => Err(format!("subnet-id: {id} does not exist")),
            Self::All => Err(no_subnets(0, 0)),
            Self::Range(first, last) => Err(no_subnets(first, last)),
        }
    }

    /// Whether a subnet is asked about if it is configured.
    pub(super) fn covers(self, subnet: SubnetId) -> bool {
        let id = i64::from(subnet.0);
        match self {
            Self::All => true,
            Self::One(one) => one == id,
            Self::Range(first, last) => (first..=last).contains(&id),
        }
    }
}

fn no_subnets(first: i64, last: i64) -> String {
    format!("selected ID range: {first} through {last} includes no known subnets")
}

fn end(range: &Map<String, Json>, name: &str) -> Result<i64, String> {
    let number = range.get(name).and_then(Json::as_i64);
    positive(number.ok_or_else(|| format!("'{name}' parameter missing or not an integer"))?, name)
}

fn positive(number: i64, name: &str) -> Result<i64, String> {
    if number > 0 { Ok(number) } else { Err(format!("'{name}' parameter must be > 0")) }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("[all subnets]"),
            Self::One(id) => write!(f, "[subnet-id={id}]"),
            Self::Range(first, last) => write!(f, "[subnets {first} through {last}]"),
        }
    }
}
