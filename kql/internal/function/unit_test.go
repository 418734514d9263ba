package function

import "testing"

func TestUnits(t *testing.T) {
	runScalarTests(t, map[string]scalarTest{
		"length":            {"convert_length", "real 1.2; string Meter; string Foot", "real 3.9370078740157473"},
		"angle":             {"convert_angle", "real 1.2; string Degree; string Arcminute", "real 72"},
		"energy":            {"convert_energy", "real 1.2; string Joule; string BritishThermalUnit", "real 0.0011373805443759806"},
		"force":             {"convert_force", "real 1.2; string Newton; string Decanewton", "real 0.12"},
		"mass":              {"convert_mass", "real 1.2; string Kilogram; string Pound", "real 2.6455471462185307"},
		"speed":             {"convert_speed", "real 1.2; string MeterPerSecond; string CentimeterPerHour", "real 432000"},
		"celsius_to_kelvin": {"convert_temperature", "real 1.2; string Kelvin; string DegreeCelsius", "real -271.95"},
		"fahrenheit":        {"convert_temperature", "real 212; string DegreeFahrenheit; string DegreeCelsius", "real 100"},
		"volume":            {"convert_volume", "real 1.2; string CubicMeter; string AcreFoot", "real 0.0009728558325478951"},
		"unknown_unit":      {"convert_length", "real 1.2; string Meter; string Ell", "real null"},
	})
}
