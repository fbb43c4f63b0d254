//! `classless-static-route` (121, RFC 3442): destinations whose bytes depend on the width of their mask.

use std::net::Ipv4Addr;

use crate::error::Why;

/// One route: destination and width of its mask, and the router that leads there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) destination: Ipv4Addr,
    pub(crate) width: u8,
    pub(crate) router: Ipv4Addr,
}

/// Most bits of a mask.
const MAX_WIDTH: u8 = 32;

/// Encodes routes written as `10.0.0.0/8 - 192.0.2.1`.
pub(crate) fn from_text<'a>(routes: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, Why> {
    let mut wire = Vec::new();
    for text in routes {
        let route = parse(text)
            .ok_or_else(|| format!("'{}' is not a route such as 10.0.0.0/8 - 192.0.2.1", text.trim()))?;
        wire.push(route.width);
        wire.extend(&route.destination.octets()[..significant(route.width)]);
        wire.extend(route.router.octets());
    }
    Ok(wire)
}

fn parse(text: &str) -> Option<Route> {
    let (prefix, router) = text.split_once('-')?;
    let (destination, width) = prefix.trim().split_once('/')?;
    Some(Route {
        destination: destination.trim().parse().ok()?,
        width: width.trim().parse().ok().filter(|width| *width <= MAX_WIDTH)?,
        router: router.trim().parse().ok()?,
    })
}

/// Decodes the payload of the option.
pub(crate) fn from_wire(data: &[u8]) -> Result<Vec<Route>, &'static str> {
    const CUT: &str = "a route is cut short";
    let mut routes = Vec::new();
    let mut rest = data;
    while let Some((&width, tail)) = rest.split_first() {
        if width > MAX_WIDTH {
            return Err("a route has a mask wider than 32 bits");
        }
        let (descriptor, tail) = tail.split_at_checked(significant(width)).ok_or(CUT)?;
        let (router, tail) = tail.split_first_chunk::<4>().ok_or(CUT)?;
        let mut destination = [0; 4];
        destination[..descriptor.len()].copy_from_slice(descriptor);
        routes.push(Route { destination: destination.into(), width, router: (*router).into() });
        rest = tail;
    }
    if routes.is_empty() { Err("there is no route") } else { Ok(routes) }
}

/// The bytes of the destination that the mask reaches into.
fn significant(width: u8) -> usize {
    usize::from(width).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3442, page 3, and back.
    #[test]
    fn descriptors_are_as_long_as_the_mask_needs() {
        let wire = from_text([
            "0.0.0.0/0 - 10.0.0.1",
            " 10.0.0.0/8-10.0.0.1",
            "10.17.0.0/16 - 10.0.0.1",
            "10.229.0.128/25 - 10.0.0.1",
        ])
        .unwrap();
        let expected: &[u8] = &[
            0, 10, 0, 0, 1, //
            8, 10, 10, 0, 0, 1, //
            16, 10, 17, 10, 0, 0, 1, //
            25, 10, 229, 0, 128, 10, 0, 0, 1,
        ];
        assert_eq!(wire, expected);
        let routes = from_wire(&wire).unwrap();
        assert_eq!(routes.len(), 4);
        assert_eq!(routes[3].destination, Ipv4Addr::new(10, 229, 0, 128));
    }

    /// Neither text nor bytes that are no routes pass.
    #[test]
    fn other_input_is_refused() {
        for text in ["", "10.0.0.0 - 10.0.0.1", "10.0.0.0/33 - 10.0.0.1", "10.0.0.0/8", "::/0 - 10.0.0.1"] {
            assert!(from_text([text]).is_err(), "{text}");
        }
        for data in [&[][..], &[33, 1, 2, 3, 4], &[8, 10, 1, 2, 3], &[0, 1, 2, 3]] {
            assert!(from_wire(data).is_err(), "{data:?}");
        }
    }
}
