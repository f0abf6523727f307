module-title = Foundation
module-summary = People, teams, roles, modules and what happened.
right-core-user-read = See who works here
right-core-user-manage = Invite and manage people
right-core-team-read = See teams
right-core-team-manage = Manage teams
right-core-role-read = See roles
right-core-role-manage = Manage roles and give them to people
right-core-session-read = See sessions
right-core-session-revoke = End sessions
right-core-api_key-read = See API keys
right-core-api_key-manage = Manage API keys
right-core-module-read = See modules
right-core-module-manage = Manage modules
right-core-tenant-read = See the company's details
right-core-tenant-update = Change the company's details
right-core-audit-read = See the audit log
right-core-event-manage = Manage undelivered events
right-core-job-read = See jobs
right-core-job-manage = Cancel and retry jobs
right-core-job-schedule = Manage when jobs begin by themselves
right-core-file-read = See files
right-core-file-create = Upload and attach files
right-core-timeline-read = See timelines
timeline-core-created = Created
timeline-core-updated = Changed
timeline-core-deleted = Deleted
timeline-core-restored = Restored
job-core-clean_up = Delete what nobody needs any more
job-core-clean_up_files = Delete files that nobody needs any more
job-core-purge_module = Delete the records of a module
right-core-import-read = See imports
right-core-import-run = Import files and take imports back
right-core-export-read = See exports
right-core-export-run = Write what one may read into files
job-core-import_read = Read a file
job-core-import_check = Check the rows of a file
job-core-import = Import a file
job-core-import_revert = Take an import back
job-core-export = Write records into a file
role-administrator = Administrator
role-employee = Employee

# The page of a link, and the mail with one.
link-title-start = Sign in to Shoal
link-title-invitation = Welcome to Shoal
link-title-reset = Choose a new password
link-for = { $name } ({ $email }), { $company }
link-email = E-mail address
link-password = New password
link-password-hint = At least { $count } characters. A few words you can remember are better than one that is hard to type.
link-submit-start = Sign in
link-submit-invitation = Save the password and sign in
link-submit-reset = Save the password and sign in
link-once = This link works once.
link-void-title = This link no longer works
link-void-text = It has been used, or is too old. Ask your administrator for a new invitation, or ask for a new link to choose another password.
link-foreign-title = This form was sent from another site
link-foreign-text = Open the link from the message again, and send the form from there.
link-busy-title = Not just now
link-busy-text = Something went wrong, or too many people are signing in at the moment. Go back and try again.
password-required = Choose a password.
password-too-short = The password needs at least { $count } characters.
password-too-long = The password is too long.
password-weak = The password is too easy to guess.
reset-subject = Choose a new password for { $company }
reset-text =
    Hello { $name },

    somebody, hopefully you, asked for a new password for { $email } at { $company }. Choose one here:

    { $link }

    The link works once, for { $hours } hours. If it was not you, do nothing: your password stays as it is.
