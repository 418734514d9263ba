package policy

import (
	"fmt"
	"slices"
	"strings"
)

// modes are the modes that definitions are known to have.
var modes = []string{
	"All", "Indexed", "Microsoft.Kubernetes.Data", "Microsoft.ContainerService.Data", "Microsoft.KeyVault.Data",
	"Microsoft.ManagedHSM.Data", "Microsoft.DataFactory.Data", "Microsoft.MachineLearningServices.Data",
	"Microsoft.MachineLearningServices.v2.Data", "Microsoft.CognitiveServices.Data", "Microsoft.LoadTestService.Data",
	"Microsoft.Network.Data",
}

func isMode(mode string) bool {
	return slices.ContainsFunc(modes, func(m string) bool { return strings.EqualFold(m, mode) })
}

// isDataPlane knows the modes whose resources are components behind a data
// plane.
func isDataPlane(mode string) bool { return strings.HasSuffix(strings.ToLower(mode), ".data") }

// isCluster knows the modes whose resources are objects inside clusters.
func isCluster(mode string) bool {
	return strings.EqualFold(mode, "Microsoft.Kubernetes.Data") || strings.EqualFold(mode, "Microsoft.ContainerService.Data")
}

// modeWarning says what a mode makes of a resource of some type, "" if it
// judges it like any other. It has no result on it unless judged.
func modeWarning(mode, resourceType string) (warning string, judged bool) {
	switch {
	case isCluster(mode):
		return fmt.Sprintf("mode %q is for objects inside clusters, which are not evaluable here", mode), false
	case isDataPlane(mode):
		if len(resourceType) > len(mode) && strings.EqualFold(resourceType[:len(mode)], mode) && resourceType[len(mode)] == '/' {
			return "", true
		}
		return fmt.Sprintf("mode %q is for components of types %s/…; a resource of type %q is not evaluable by it", mode, mode, resourceType), false
	case mode != "" && !isMode(mode):
		return fmt.Sprintf("unknown mode %q; judged as All", mode), true
	}
	return "", true
}

// modeJudges reports whether the mode lets the resource have a result.
func (j *judgement) modeJudges() bool {
	warning, judged := modeWarning(j.bound.Definition.Mode, j.frame.self.Type)
	if warning != "" {
		j.warn(warning)
	}
	return judged
}
