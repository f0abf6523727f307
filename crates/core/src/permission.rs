//! Rights of the kernel.

crate::rights! {
    /// See who works here, in which team.
    USER_READ = "core.user.read", employees: All;
    /// Invite people, change what is known of them, and let them out.
    USER_MANAGE = "core.user.manage";
    /// See the teams.
    TEAM_READ = "core.team.read", employees: All;
    /// Make and change teams.
    TEAM_MANAGE = "core.team.manage";
    /// See the roles and who has which.
    ROLE_READ = "core.role.read";
    /// Make and change roles, and give them to people.
    ROLE_MANAGE = "core.role.manage";
    /// See who is signed in where, everybody their own.
    SESSION_READ = "core.session.read" scoped, employees: Own;
    /// End sessions, everybody their own.
    SESSION_REVOKE = "core.session.revoke" scoped, employees: Own;
    /// See the API keys.
    API_KEY_READ = "core.api_key.read";
    /// Make and revoke API keys.
    API_KEY_MANAGE = "core.api_key.manage";
    /// See the modules.
    MODULE_READ = "core.module.read", employees: All;
    /// Enable, suspend and disable modules, and change their settings.
    MODULE_MANAGE = "core.module.manage";
    /// See what is known of the company.
    TENANT_READ = "core.tenant.read", employees: All;
    /// Change what is known of the company.
    TENANT_UPDATE = "core.tenant.update";
    /// See who changed what, and when.
    AUDIT_READ = "core.audit.read";
    /// See events that could not be delivered, and try again.
    EVENT_MANAGE = "core.event.manage";
    /// See jobs, everybody their own.
    JOB_READ = "core.job.read" scoped, employees: Own;
    /// Cancel and retry jobs, everybody their own.
    JOB_MANAGE = "core.job.manage" scoped, employees: Own;
    /// See and change when jobs begin by themselves.
    JOB_SCHEDULE = "core.job.schedule";
    /// See imports and their rows, everybody their own.
    IMPORT_READ = "core.import.read" scoped, employees: Own;
    /// Import files, as far as one may make and change such records, and take imports back, everybody their own.
    IMPORT_RUN = "core.import.run" scoped, employees: Own;
    /// See exports, everybody their own.
    EXPORT_READ = "core.export.read" scoped, employees: Own;
    /// Write what one may read into files.
    EXPORT_RUN = "core.export.run";
    /// See files, everybody their own, beside those that are attached to what they may read.
    FILE_READ = "core.file.read" scoped, employees: Own;
    /// Upload files, and attach them to what one may change.
    FILE_CREATE = "core.file.create", employees: All;
    /// See the timelines of what one may read: that something was, of which kind and when; what it was as far as one may read it.
    TIMELINE_READ = "core.timeline.read", employees: All;
}
