//! Rights of the module.

shoal_core::rights! {
    /// Read buildings and their units.
    BUILDING_READ = "property.building.read", employees: All;
    /// Take buildings over.
    BUILDING_CREATE = "property.building.create";
    /// Read who lives where, and who owns what.
    RESIDENCY_READ = "property.residency.read", employees: All;
    /// Read repair requests.
    REPAIR_READ = "property.repair.read" scoped, employees: TeamAndBelow;
    /// Report what is to be repaired.
    REPAIR_REPORT = "property.repair.report", employees: All;
}
