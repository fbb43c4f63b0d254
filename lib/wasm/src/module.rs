//! A component that was compiled, and its instances.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Result, Store, WasmBacktraceDetails};

use crate::bindings::{self, ModulePre};
use crate::clock::Clock;
use crate::failure::{Failure, LoadError};
use crate::host::{Host, LINES};
use crate::stock::Stock;
use crate::{Edit, Lease, LeaseVerdict, Point, Protocol, Query, ReceivedVerdict, Reply, SubnetVerdict};

/// So much of the stack of its thread a module may use.
const STACK: usize = 256 << 10;
/// Memory that has to move gets room for so many bytes more.
const GROWTH: u64 = 1 << 20;
/// So many bytes a module may answer with.
const ANSWER: usize = 1 << 20;
/// A module may use so many times the fuel of a call to make itself ready.
const READY_FUEL: u64 = 100;
/// And so many times the time.
const READY_TIME: u32 = 10;

/// Where lines of a module go.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Who does work that takes longer than a message may wait, as soon as may be and once.
pub type Aside = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// What a module may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel of a call: about one for each instruction.
    pub fuel: u64,
    /// Bytes of memory of an instance.
    pub memory: usize,
    /// How long a call may take, on the clock on the wall.
    pub time: Duration,
}

/// What a module is begun with.
#[derive(Clone)]
pub struct Setup {
    /// What the server speaks.
    pub protocol: Protocol,
    /// The text that the module is given.
    pub parameters: Box<str>,
    /// What it may use.
    pub limits: Limits,
    /// Where its lines go.
    pub log: Log,
    /// Who makes instances in the place of those that failed.
    pub aside: Aside,
}

/// How a module is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// As code of the machine.
    Native,
    /// By an interpreter: where memory must not become code (`MemoryDenyWriteExecute`).
    Interpreted,
}

/// A module that can be asked.
pub struct Module {
    maker: Arc<Maker>,
    points: Vec<Point>,
    stock: Arc<Stock<Instance>>,
}

/// What instances are made of.
struct Maker {
    setup: Setup,
    code: Code,
    engine: Engine,
    pre: ModulePre<Host>,
    clock: Clock,
}

struct Instance {
    store: Store<Host>,
    exports: bindings::Module,
}

impl Module {
    /// The module of these bytes, as code of the machine if that is possible here.
    ///
    /// # Errors
    /// Why they are no module, or none that works with its parameters.
    pub fn load(bytes: &[u8], setup: Setup) -> Result<Self, LoadError> {
        match compile(bytes, Code::Native) {
            Ok(component) => Self::of(&component, Code::Native, setup),
            Err(error) => match compile(bytes, Code::Interpreted) {
                Ok(component) => Self::of(&component, Code::Interpreted, setup),
                Err(_) => Err(LoadError::no_component(&error)),
            },
        }
    }

    /// The module of these bytes, run so.
    ///
    /// # Errors
    /// As above.
    pub fn load_as(bytes: &[u8], code: Code, setup: Setup) -> Result<Self, LoadError> {
        let component = compile(bytes, code).map_err(|error| LoadError::no_component(&error))?;
        Self::of(&component, code, setup)
    }

    fn of(component: &Component, code: Code, setup: Setup) -> Result<Self, LoadError> {
        let engine = component.engine().clone();
        let pre = linked(&engine, component).map_err(|error| LoadError::other_interface(&error))?;
        let clock = Clock::start(engine.clone()).map_err(LoadError::Clock)?;
        let maker = Maker { setup, code, engine, pre, clock };
        let (instance, points) = maker.instance()?;
        Ok(Self { maker: Arc::new(maker), points, stock: Arc::new(Stock::of(instance)) })
    }

    /// Makes so many instances ready, which takes a while: as many threads can ask at the same time. Those that fail are made
    /// again while nobody waits.
    ///
    /// # Errors
    /// Why they do not become ready.
    pub fn keep(&self, count: usize) -> Result<(), Failure> {
        self.stock.want(count);
        if self.stock.begin() {
            self.stock.make(|| self.maker.another());
        }
        self.stock.failed().map_or(Ok(()), Err)
    }

    /// Where it wants to be asked.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// How it is run.
    pub fn code(&self) -> Code {
        self.maker.code
    }

    /// What becomes of a message.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn received(&self, query: &Query) -> Result<ReceivedVerdict, Failure> {
        self.ask(|exports, store| exports.call_received(store, query))
    }

    /// Where its client is, which was found on a subnet of this number or on none.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn subnet(&self, query: &Query, selected: Option<u32>) -> Result<SubnetVerdict, Failure> {
        self.ask(|exports, store| exports.call_subnet(store, query, selected))
    }

    /// What becomes of a lease.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn lease(&self, query: &Query, lease: &Lease) -> Result<LeaseVerdict, Failure> {
        self.ask(|exports, store| exports.call_lease(store, query, lease))
    }

    /// What is changed of a reply.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn reply(&self, query: &Query, reply: &Reply) -> Result<Vec<Edit>, Failure> {
        self.ask(|exports, store| exports.call_reply(store, query, reply))
    }

    /// Asks an instance that is ready. One that failed is dropped, and another made, for which this does not wait.
    fn ask<T>(
        &self,
        ask: impl FnOnce(&bindings::Module, &mut Store<Host>) -> Result<T>,
    ) -> Result<T, Failure> {
        let mut instance = self.stock.take().inspect_err(|_| self.fill())?;
        let answer = self.maker.call(&mut instance, ask);
        match answer {
            Ok(answer) => {
                self.stock.put(instance);
                Ok(answer)
            }
            Err(error) => {
                drop(instance);
                self.stock.lost();
                self.fill();
                Err(Failure::of(&error))
            }
        }
    }

    /// Has the instances made that are missing.
    fn fill(&self) {
        if self.stock.begin() {
            let (maker, stock) = (self.maker.clone(), self.stock.clone());
            (self.maker.setup.aside)(Box::new(move || stock.make(|| maker.another())));
        }
    }
}

impl Maker {
    /// Asks an instance, within the limits of a call.
    fn call<T>(
        &self,
        instance: &mut Instance,
        ask: impl FnOnce(&bindings::Module, &mut Store<Host>) -> Result<T>,
    ) -> Result<T> {
        let Limits { fuel, time, .. } = self.setup.limits;
        self.allow(&mut instance.store, fuel, time)?;
        let _watched = self.clock.watch();
        ask(&instance.exports, &mut instance.store)
    }

    /// What the next call may use.
    fn allow(&self, store: &mut Store<Host>, fuel: u64, time: Duration) -> Result<()> {
        store.data_mut().lines = LINES;
        store.set_epoch_deadline(Clock::epochs(time));
        store.set_fuel(fuel)
    }

    /// An instance in the place of one that failed.
    fn another(&self) -> Result<Instance, Failure> {
        match self.instance() {
            Ok((instance, _)) => Ok(instance),
            Err(LoadError::Failed(failure)) => Err(failure),
            Err(other) => Err(Failure::Trap(other.to_string().into())),
        }
    }

    /// An instance that is ready, and where it wants to be asked.
    fn instance(&self) -> Result<(Instance, Vec<Point>), LoadError> {
        let Setup { protocol, parameters, limits, log, .. } = &self.setup;
        let mut store = Store::new(&self.engine, Host::new(limits.memory, log.clone()));
        store.limiter(|host| host);
        store.set_hostcall_fuel(ANSWER);
        let failed = |error: &_| LoadError::Failed(Failure::of(error));
        let (fuel, time) = (limits.fuel.saturating_mul(READY_FUEL), limits.time.saturating_mul(READY_TIME));
        self.allow(&mut store, fuel, time).map_err(|error| failed(&error))?;
        let watched = self.clock.watch();
        let exports = self.pre.instantiate(&mut store).map_err(|error| match Failure::is_own(&error) {
            true => failed(&error),
            false => LoadError::other_interface(&error),
        })?;
        let ready = exports.call_init(&mut store, *protocol, parameters).map_err(|error| failed(&error))?;
        drop(watched);
        let points = ready.map_err(|reason| LoadError::refused(&reason))?;
        Ok((Instance { store, exports }, points))
    }
}

/// The component of these bytes.
fn compile(bytes: &[u8], code: Code) -> Result<Component> {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true).max_wasm_stack(STACK);
    // Nothing of a module becomes a signal of the process, nor takes more addresses than it has bytes.
    config.signals_based_traps(false).memory_reservation(0).memory_guard_size(0);
    config.memory_reservation_for_growth(GROWTH).memory_init_cow(false);
    config.wasm_backtrace_max_frames(None).wasm_backtrace_details(WasmBacktraceDetails::Disable);
    if code == Code::Interpreted {
        config.target(if cfg!(target_endian = "big") { "pulley64be" } else { "pulley64" })?;
    }
    Component::from_binary(&Engine::new(&config)?, bytes)
}

/// The component with what it is given.
fn linked(engine: &Engine, component: &Component) -> Result<ModulePre<Host>> {
    let mut linker = Linker::new(engine);
    bindings::Module::add_to_linker::<_, HasSelf<_>>(&mut linker, |host: &mut Host| host)?;
    ModulePre::new(linker.instantiate_pre(component)?)
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("setup", &self.maker.setup)
            .field("code", &self.maker.code)
            .field("points", &self.points)
            .field("clock", &self.maker.clock)
            .field("idle", &self.stock.idle())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("protocol", &self.protocol)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
