//! Documents that would be fine if more modules were enabled.

use super::Engine;
use crate::compose::ModuleSet;
use crate::error::{Location, ResponseError, code};
use crate::message;
use crate::plan::prepare::Prepared;
use crate::request::Request;

impl Engine {
    /// One error for each module that a refused request needs and that is not enabled; `None` if it is wrong anyway.
    ///
    /// Found by trial: a module is needed if the request does not fit without it. The trials are one validation for each
    /// module that is not enabled, on catalogues that all documents share.
    pub(super) fn disabled(&self, request: &Request) -> Option<Vec<ResponseError>> {
        let (compositions, modules) = self.enabled.as_ref()?;
        let all = compositions.modules();
        let absent: Vec<_> = all.iter().filter(|module| !modules.contains(module)).collect();
        if absent.is_empty() || self.misfit(request, all).is_some() {
            return None;
        }
        let (mut needed, mut other) = (Vec::new(), Vec::new());
        for module in absent {
            match self.misfit(request, &all.without(module)) {
                Some(locations) => needed.push((module, locations)),
                None => other.push(module),
            }
        }
        // Where one of several modules would do, none of them is needed by itself: the last of them is named.
        let enabled = |with: &[(&'static str, Vec<Location>)], others: &[&'static str]| -> ModuleSet {
            modules
                .iter()
                .chain(with.iter().map(|(module, _)| *module))
                .chain(others.iter().copied())
                .collect()
        };
        if self.misfit(request, &enabled(&needed, &[])).is_some() {
            while let Some(module) = other.pop() {
                if let Some(locations) = self.misfit(request, &enabled(&needed, &other)) {
                    needed.push((module, locations));
                }
            }
        }
        Some(needed.into_iter().map(|(module, locations)| disabled(module, locations)).collect())
    }

    /// Where a request does not fit the schema of these modules; `None` if it does. Variables have no place in the document.
    fn misfit(&self, request: &Request, modules: &ModuleSet) -> Option<Vec<Location>> {
        let (compositions, _) = self.enabled.as_ref()?;
        let catalog = compositions.catalog(modules);
        let name = request.operation_name.as_deref();
        let fits = Prepared::new(&catalog, &self.limits, &request.query, name, None).and_then(|prepared| {
            let coerced = prepared.coerce(&catalog, request.variables.as_ref(), None);
            coerced.map_err(|error| vec![error])
        });
        let mut locations = Vec::new();
        for location in fits.err()?.into_iter().flat_map(|error| error.locations) {
            if !locations.contains(&location) {
                locations.push(location);
            }
        }
        Some(locations)
    }
}

fn disabled(module: &'static str, locations: Vec<Location>) -> ResponseError {
    let message = message!("module-disabled", "the module \"{module}\" is not enabled", module);
    let error = ResponseError::request(code::MODULE_DISABLED, message);
    ResponseError { locations, module: Some(module), ..error }
}
