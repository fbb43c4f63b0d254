//! `lease4-wipe`, `lease6-wipe`: removes all leases of a subnet, or of all that are configured.

use kotare_control::{Request, Response, ResultCode};
use kotare_model::SubnetId;

use super::change::wipe_out;
use super::family::Commanded;
use super::find::parameters;
use super::scene::{Done, Scene};
use crate::arguments::{Arguments, Refused};

/// `lease4-wipe`, `lease6-wipe`.
pub(super) fn wipe<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    match subnets(scene, request).and_then(|subnets| Ok((wipe_all(scene, &subnets)?, subnets))) {
        Ok((count, subnets)) => {
            (L::LOG.wiped)(&parameters(request));
            let ids: String = subnets.iter().map(|id| format!(" {id}")).collect();
            let text = format!("Deleted {count} {} lease(s) from subnet(s){ids}", L::WORDS.ip);
            let result = if count > 0 { ResultCode::Success } else { ResultCode::Empty };
            Ok(Response { result, ..Response::success(text) })
        }
        Err(refused) => {
            (L::LOG.wipe_failed)(&parameters(request), &refused.text);
            Err(refused)
        }
    }
}

/// The subnet that a request names, configured or not, or all that are.
fn subnets<L: Commanded>(scene: &Scene<L>, request: &Request) -> Result<Vec<SubnetId>, Refused> {
    let arguments =
        Arguments::if_any(request).map_err(|_| "contains(string) called on a non-map Element".to_owned())?;
    let id = arguments.map(|arguments| arguments.number_if_any::<u32>("subnet-id")).transpose()?.flatten();
    Ok(match id {
        None | Some(0) => L::subnets(scene.config()).collect(),
        Some(id) => vec![SubnetId(id)],
    })
}

/// Removes the leases of these subnets; how many there were. They are removed slice by slice, so leases that clients get
/// meanwhile may stay.
fn wipe_all<L: Commanded>(scene: &Scene<L>, subnets: &[SubnetId]) -> Result<usize, Refused> {
    let mut sorted = subnets.to_vec();
    sorted.sort_unstable();
    // One walk over all leases, and not one for each subnet.
    let only = if let [only] = subnets { Some(*only) } else { None };
    let mut count = 0;
    let wiped = scene.each(None, only, |lease| {
        if sorted.binary_search(&lease.subnet_id()).is_ok() {
            count += usize::from(wipe_out(scene, lease)?);
        }
        Ok(true)
    });
    // What was removed until something failed is removed.
    let flushed = scene.flush();
    wiped.and(flushed).map(|()| count)
}
