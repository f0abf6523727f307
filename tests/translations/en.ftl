module-title = Witness
module-summary = What was told of contacts.
right-witness-sighting-read = See what was told
right-witness-count-start = Count
job-witness-count = Count
job-witness-tick = Tick
