module-title = Witness
module-summary = What was told of contacts.
right-witness-sighting-read = See what was told
