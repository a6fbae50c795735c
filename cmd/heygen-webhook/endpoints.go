package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
	"go.yaml.in/yaml/v4"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// readEndpoints reads the requests in a file of apply or of update --from. A file with a mistake has no request.
func readEndpoints(data []byte) (requests []heygen.UpdateWebhookEndpointRequest, mistakes []mistake) {
	r := &yamlReader{}
	lines := map[string]int{} // of the endpoint ids
	read := func(node *yaml.Node) {
		req, line := r.endpoint(node)
		if first, twice := lines[req.EndpointID]; twice {
			problem := fmt.Sprintf("endpoint %q is already in line %d", req.EndpointID, first)
			r.mistakes = append(r.mistakes, mistake{line, problem})
		}
		if req.EndpointID != "" {
			lines[req.EndpointID] = line
		}
		requests = append(requests, req)
	}
	for _, root := range r.documents(data) {
		if !isKind(root, yaml.SequenceNode) {
			read(root)
			continue
		}
		for _, item := range root.Content {
			read(item)
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.sorted()
	}
	return requests, nil
}

// endpoint reads the request for one endpoint, and the line of its id.
func (r *yamlReader) endpoint(node *yaml.Node) (req heygen.UpdateWebhookEndpointRequest, line int) {
	lines := r.members(node, map[string]func(*yaml.Node){
		"endpoint_id": func(value *yaml.Node) { req.EndpointID = r.text("endpoint_id", value) },
		"url": func(value *yaml.Node) {
			if req.URL = r.text("url", value); isText(target(value)) && req.URL != "" && !isAbsolute(req.URL) {
				r.wrong(value, "url is not an absolute http or https URL, such as https://example.com/hook")
			}
		},
		"events": func(value *yaml.Node) { req.Events = r.events(value) },
	})
	if !isKind(target(node), yaml.MappingNode) || lines[mergeKey] > 0 {
		return req, node.Line
	}
	if lines["endpoint_id"] == 0 {
		r.wrong(node, "endpoint_id is missing")
	}
	if lines["url"] == 0 && lines["events"] == 0 {
		r.wrong(node, "there is nothing to change: give url or events")
	}
	return req, lines["endpoint_id"]
}

// events reads all or null for every event, or a list.
func (r *yamlReader) events(node *yaml.Node) (events heygen.Events) {
	value := target(node)
	switch {
	case isKind(value, yaml.SequenceNode):
	case value.ShortTag() == "!!null" && value.Value == "": // YAML reads null where there is no value, perhaps by mistake
		r.wrong(node, "events has no value: write all for every event, or a list")
		return events
	case value.ShortTag() == "!!null", isText(value) && value.Value == "all":
		return heygen.AllEvents()
	default:
		r.wrong(node, "events is %s: it must be all or null for every event, or a list", typeName(value))
		return events
	}
	if node != value && r.repeats(node, len(value.Content)) {
		return events
	}
	var types []string
	for _, item := range value.Content {
		if item = target(item); !isText(item) {
			r.wrong(item, "events has an item that is %s: an event type is a string, in quotes", typeName(item))
			return events
		}
		types = append(types, item.Value)
	}
	events, problem := listedEvents(types)
	if problem != "" {
		r.wrong(node, "events %s", problem)
	}
	return events
}

// listedEvents refuses lists that are mistakes, such as an empty one, which an unset shell variable makes.
func listedEvents(types []string) (events heygen.Events, problem string) {
	isEmpty := func(text string) bool { return strings.TrimSpace(text) == "" }
	switch {
	case len(types) == 0:
		return events, "is an empty list, and HeyGen does not document its effect: name event types, or write all"
	case slices.ContainsFunc(types, isEmpty):
		return events, "has an empty event type"
	case slices.Contains(types, "all"):
		return events, "has all in a list: write all alone, for every event"
	}
	return heygen.OnlyEvents(types...), ""
}

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// endpointsFromFile reads and checks the whole file.
func endpointsFromFile(
	ctx context.Context, cmd *cli.Command, path string,
) ([]heygen.UpdateWebhookEndpointRequest, error) {
	data, err := readInput(ctx, cmd, path)
	if err != nil {
		return nil, err
	}
	return until(ctx, inputName(path), func() ([]heygen.UpdateWebhookEndpointRequest, error) {
		requests, mistakes := readEndpoints(data)
		if len(mistakes) > 0 {
			f := mistakesFailure(cmd, path, mistakes)
			f.Message += "; " + unsent
			return nil, f
		}
		if len(requests) == 0 {
			return nil, usageFailure(cmd, "%s has no endpoint", inputName(path))
		}
		return requests, nil
	})
}
