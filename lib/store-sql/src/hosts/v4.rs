//! What is reserved in DHCPv4 stands in `hosts` alone.

use std::net::Ipv4Addr;

use kotare_model::Reserved4;

use super::layout::Layout;
use super::record::{FIRST, HostRecord, text};
use crate::column::Column;
use crate::value::{Row, Value};

impl HostRecord for Reserved4 {
    const SUBNET: &'static str = "dhcp4_subnet_id";
    const CLASSES: &'static str = "dhcp4_client_classes";
    const OPTIONS: &'static str = "dhcp4_options";
    const SPACE: &'static str = "dhcp4";
    const OWN: &'static [&'static str] =
        &["ipv4_address", "dhcp4_next_server", "dhcp4_server_hostname", "dhcp4_boot_file_name"];
    const MORE: Option<(&'static str, &'static str)> = None;
    const ONCE_IN_SUBNET: bool = true;

    fn read(_: &Layout) -> Vec<String> {
        Self::OWN.iter().map(|name| format!("h.{name}")).collect()
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::int(self.address.map(|address| u32::from(address).into())),
            // Kea has 0.0.0.0 and empty texts where nothing is reserved.
            self.next_server.map_or(0, u32::from).into(),
            (&*self.server_hostname).into(),
            (&*self.boot_file_name).into(),
        ]
    }

    fn rows(&self, _: &Layout) -> (Vec<Column>, Vec<Vec<Value>>) {
        (Vec::new(), Vec::new())
    }

    fn wanted(addresses: &[Ipv4Addr], _: &Layout) -> (Column, Vec<Value>) {
        let values = addresses.iter().map(|address| u32::from(*address).into());
        (Column::plain("ipv4_address"), values.collect())
    }

    fn begin(row: &Row) -> Result<Self, &'static str> {
        Ok(Self {
            address: address(row, FIRST, "ipv4_address")?,
            next_server: address(row, FIRST + 1, "dhcp4_next_server")?,
            server_hostname: text(row, FIRST + 2, "dhcp4_server_hostname")?.into(),
            boot_file_name: text(row, FIRST + 3, "dhcp4_boot_file_name")?.into(),
        })
    }

    fn add(&mut self, _: &Row, _: &Layout) -> Result<(), &'static str> {
        Ok(())
    }

    fn collides(&self, other: &Self) -> bool {
        self.address.is_some() && self.address == other.address
    }
}

/// The address of a column; neither nothing nor 0.0.0.0 is one.
fn address(row: &Row, column: usize, name: &'static str) -> Result<Option<Ipv4Addr>, &'static str> {
    match row.is_null(column) {
        true => Ok(None),
        false => {
            let address = Ipv4Addr::from(row.number::<u32>(column).ok_or(name)?);
            Ok(Some(address).filter(|address| !address.is_unspecified()))
        }
    }
}
