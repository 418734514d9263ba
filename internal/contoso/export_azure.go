package contoso

import "strings"

const kindManagementGroup = "Microsoft.Management/managementGroups"

// groupsOfAzure gives the management groups as a list of ARM bodies.
func (e *estate) groupsOfAzure() list {
	out := list{}
	for _, r := range e.azure {
		if r.at("type") == kindManagementGroup {
			out = append(out, r)
		}
	}
	return out
}

// graphAnswer gives everything else as one answer of az graph query.
func (e *estate) graphAnswer() object {
	rows := list{}
	for _, r := range e.azure {
		if r.at("type") != kindManagementGroup {
			rows = append(rows, graphRow(r))
		}
	}
	return object{{"count", len(rows)}, {"data", rows}, {"skip_token", nil}, {"total_records", len(rows)}}
}

// graphRow gives a resource as Resource Graph lists it: every column in every
// row, types and group names in lower case, "" for a missing kind or manager
// and null for what is missing otherwise.
func graphRow(r object) object {
	id, _ := r.at("id").(string)
	kind, _ := r.at("type").(string)
	row := object{{"id", id}, {"name", r.at("name")}, {"type", strings.ToLower(kind)}, {"tenantId", tenant}}
	for _, column := range []string{"kind", "location", "resourceGroup", "subscriptionId", "managedBy"} {
		row = append(row, member{column, ""})
		if value, ok := r.at(column).(string); ok {
			row[len(row)-1].value = value
		}
	}
	if parts := strings.Split(id, "/"); parts[1] == "subscriptions" {
		row.set("subscriptionId", parts[2])
		if len(parts) > 4 && parts[3] == "resourceGroups" {
			row.set("resourceGroup", strings.ToLower(parts[4]))
		}
	}
	for _, column := range []string{"sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"} {
		value := r.at(column)
		if _, left := value.(absent); left {
			value = nil
		}
		row = append(row, member{column, value})
	}
	return row
}

// set changes the value of a member that is there.
func (o object) set(key string, value any) {
	for i := range o {
		if o[i].key == key {
			o[i].value = value
		}
	}
}
