//! From a request to its role and the verdict.

use std::borrow::Cow;

use kotare_config::Level;
use kotare_config::json::Diagnostics;
use kotare_control::{AccessControl, Denied, Encrypted, Peer, Response, shortened};
use serde_json::Value as Json;

use super::catalogue::{Catalogue, Declared};
use super::lists::Lists;
use super::messages::*;
use super::roles::Roles;

/// The command whose answer may be filtered.
const LIST_COMMANDS: &str = "list-commands";

/// Who may do what, as configured.
#[derive(Debug)]
pub struct Rbac {
    method: Method,
    requires_tls: bool,
    catalogue: Catalogue,
    roles: Roles,
    /// How many access control lists have names.
    lists: usize,
}

/// How a request is assigned a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    RemoteAddress,
    CertSubject,
    CertIssuer,
    BasicAuthentication,
    CustomValue,
}

impl Rbac {
    /// What these parameters say, in a program that declares some commands. What is wrong goes to `diagnostics`; it is of
    /// no use then.
    pub(crate) fn read<'a>(
        parameters: Level<'_>,
        declared: impl IntoIterator<Item = Declared<'a>>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let method = Method::of(parameters.text("assign-role-method"));
        if let Some(value) = parameters.own("assign-role-method").filter(|_| method == Method::CustomValue) {
            let message = "no hook library assigns custom values: \"default-role\" holds for everybody";
            diagnostics.warning(value.source(), message);
        }
        let is_by_certificate = matches!(method, Method::CertSubject | Method::CertIssuer);
        let requires_tls = match parameters.own("require-tls") {
            Some(_) => parameters.bool("require-tls"),
            None => is_by_certificate,
        };
        let catalogue = Catalogue::read(parameters, declared, diagnostics);
        let lists = Lists::read(parameters, &catalogue, diagnostics);
        let roles = Roles::read(parameters, method == Method::RemoteAddress, &lists, diagnostics);
        let lists = lists.count();
        Self { method, requires_tls, catalogue, roles, lists }
    }

    /// Tells the log how much of what is configured.
    pub(crate) fn announce(&self) {
        if let Some(read) = &self.catalogue.read {
            RBAC_READ_API_FILES(&read.folder, read.commands, read.accesses, read.hooks);
        }
        RBAC_CONFIGURED_COMMANDS(self.catalogue.extra);
        RBAC_CONFIGURED_ACLS(self.lists);
        RBAC_CONFIGURED_ROLES(self.roles.count());
    }
}

impl AccessControl for Rbac {
    fn judge(&self, peer: &Peer, command: &str) -> Result<(), Denied> {
        if self.requires_tls && peer.tls.is_none() {
            RBAC_TRACE_HTTP_AUTH_NO_TLS_REJECT();
            RBAC_HTTP_AUTH_RESPONSE("401 Unauthorized");
            return Err(Denied::Unauthorized);
        }
        let shown = shortened(command);
        RBAC_TRACE_HTTP_AUTH_COMMAND(&shown);
        let role = self.method.role(peer);
        RBAC_TRACE_HTTP_AUTH_ROLE(&role);
        let (configuration, rights) = self.roles.of(&role);
        if rights.accept(self.catalogue.sent(command)) {
            RBAC_TRACE_HTTP_AUTH_ACCEPT(configuration, &role, shown);
            return Ok(());
        }
        RBAC_HTTP_AUTH_REJECT(configuration, &role, shown);
        RBAC_HTTP_AUTH_RESPONSE("403 Forbidden");
        Err(Denied::Forbidden)
    }

    fn filters(&self, command: &str) -> bool {
        command == LIST_COMMANDS
    }

    fn filter(&self, peer: &Peer, command: &str, mut response: Response) -> Response {
        let role = self.method.role(peer);
        let (configuration, rights) = self.roles.of(&role);
        RBAC_TRACE_HTTP_RESPONSE_CONTEXT(command, configuration);
        if rights.filters_list_commands
            && command == LIST_COMMANDS
            && let Some(Json::Array(names)) = &mut response.arguments
        {
            let before = names.len();
            names.retain(|name| name.as_str().is_some_and(|name| rights.accept(self.catalogue.sent(name))));
            if names.len() != before {
                RBAC_TRACE_HTTP_RESPONSE_MODIFIED();
            }
        }
        response
    }
}

impl Method {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "remote-address" => Self::RemoteAddress,
            "cert-subject" => Self::CertSubject,
            "cert-issuer" => Self::CertIssuer,
            "basic-authentication" => Self::BasicAuthentication,
            _ => Self::CustomValue,
        }
    }

    /// The role of who sent a request; empty for nobody's.
    fn role(self, peer: &Peer) -> Cow<'_, str> {
        let of_certificate =
            |name: fn(&Encrypted) -> &Option<String>| peer.tls.as_ref().and_then(|tls| name(tls).as_deref());
        let role = match self {
            Self::RemoteAddress => return peer.address.to_string().into(),
            Self::CertSubject => of_certificate(|tls| &tls.subject),
            Self::CertIssuer => of_certificate(|tls| &tls.issuer),
            Self::BasicAuthentication => peer.user.as_deref(),
            Self::CustomValue => None,
        };
        role.unwrap_or_default().into()
    }
}
