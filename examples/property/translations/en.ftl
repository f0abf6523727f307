module-title = Property management
module-summary = Buildings, units, owners and users, and what is to be repaired.
right-property-building-read = See buildings and units
right-property-building-create = Add buildings
right-property-residency-read = See owners and users of units
right-property-repair-read = See repair requests
right-property-repair-report = Report repairs
setting-residentsOnly = Only residents may report repairs
