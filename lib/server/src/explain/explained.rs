//! What the programs say of their protocol, so that its decisions can be told.

use kotare_config::common::{Overview, SubnetAt};
use kotare_engine::trace::{Rehearsed, Step, Traced};
use serde_json::Value as Json;

use super::Told;

/// A protocol whose decisions are explained: the words for what its steps speak of.
pub trait Explained: Sized {
    /// Its steps.
    type Traced: Traced;
    /// Its configuration.
    type Config: Overview;

    /// The map of the server in its configuration, and the lists of subnets in there.
    const KEYWORDS: (&'static str, &'static str);
    /// The option whose value names a class of vendors.
    const VENDOR_CLASS: u16;
    /// When classes are evaluated that pools, subnets and networks ask for.
    const LATE: &'static str;
    /// What a subnet lacks when it is full: `no address`.
    const NOTHING: &'static str;

    /// The subnet of what the client would get, of several things the first one's.
    fn given_from(rehearsed: &Rehearsed<Self::Traced>) -> Option<SubnetAt>;

    /// The classes of the message, in their order.
    fn member_of(told: &Told<'_, Self>) -> Vec<String>;

    /// What would come of the message, in a sentence.
    fn outcome(told: &Told<'_, Self>) -> String;

    /// Whether a subnet meets what it is looked up by.
    fn is_met(config: &Self::Config, at: SubnetAt, by: &CriterionOf<Self>) -> bool;

    /// What was looked for.
    fn criterion(by: &CriterionOf<Self>) -> String;

    /// That a subnet is what was looked for, or is not.
    fn met(by: &CriterionOf<Self>, is_met: bool) -> String;

    /// What is reserved.
    fn reservation(host: &<Self::Traced as Traced>::Host) -> String;

    /// What is reserved that counts.
    fn reserved(told: &Told<'_, Self>) -> Json;

    /// What is given.
    fn place(place: <Self::Traced as Traced>::Place) -> String;

    /// Why something is not for the client.
    fn denial(why: &<Self::Traced as Traced>::Denial) -> String;

    /// A step that only this protocol makes, if it is worth a sentence.
    fn sentence(told: &Told<'_, Self>, step: &<Self::Traced as Traced>::Own) -> Option<String>;

    /// What there is to say beside.
    fn remarks(told: &Told<'_, Self>) -> Vec<String>;
}

/// What a subnet is looked up by.
pub type CriterionOf<E> = <<E as Explained>::Traced as Traced>::Criterion;

/// A code of an option.
pub type CodeOf<E> = <<E as Explained>::Traced as Traced>::Code;

/// A step to a decision.
pub type StepOf<E> = Step<<E as Explained>::Traced>;
