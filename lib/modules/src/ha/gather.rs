//! How many updates gather for one command. Under load a command with few leases is more work for both servers than what is in
//! it: it is worth waiting for more, for less time than the command takes.

use std::time::Duration;

use kotare_net::Pause;
use tokio::time::Instant;

/// So far apart commands begin while there is a load.
const APART: Duration = Duration::from_micros(500);

/// There is one while so many parcels go together. Fewer clients than that would wait for each other in vain.
const LOAD: usize = 12;

/// When the next command is to go.
#[derive(Default)]
pub(super) struct Gathering {
    /// When the last one went, if there is a load.
    gone: Option<Instant>,
    pause: Option<Pause>,
}

impl Gathering {
    /// A command goes, with so many parcels.
    pub(super) fn goes(&mut self, parcels: usize) {
        self.gone = (parcels >= LOAD).then(Instant::now);
    }

    /// Waits until the next one is to go.
    pub(super) async fn wait(&mut self) {
        let Some(gone) = self.gone.take() else { return };
        let left = APART.saturating_sub(gone.elapsed());
        if left.is_zero() {
            return;
        }
        if self.pause.is_none() {
            self.pause = Pause::new().ok();
        }
        // Without a timer there is nothing to wait with, and no need.
        if let Some(pause) = &mut self.pause {
            let _ = pause.pass(left).await;
        }
    }
}
