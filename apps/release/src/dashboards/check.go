// Says what Grafana's own schema has against files of dashboards: keys that it does not know, panels and queries included.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Println(err)
			continue
		}
		var board dashboard.Dashboard
		if err = board.UnmarshalJSONStrict(text); err == nil {
			err = board.Validate()
		}
		// Where there is none it may give an empty list of errors, which is not nil.
		if err != nil && err.Error() != "" {
			fmt.Printf("%s: %v\n", path, err)
		}
	}
}
