module-title = Property management
module-summary = Buildings, units, owners and users, and what is to be repaired.
right-property-building-read = See buildings and units
right-property-residency-read = See owners and users of units
right-property-repair-read = See repair requests
right-property-repair-report = Report repairs
timeline-property-repair_request = Repair request
setting-residentsOnly = Only residents may report repairs
