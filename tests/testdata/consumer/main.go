// Command consumer moves a webhook endpoint to another URL, as an importer of the client does.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func main() {
	if err := move(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func move(server, endpointID, url string) error {
	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"), heygen.WithBaseURL(server))
	if err != nil {
		return err
	}
	endpoint, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: endpointID,
		URL:        url,
		Events:     heygen.AllEvents(),
	})
	if errors.Is(err, heygen.ErrNotFound) {
		fmt.Println("there is no endpoint", endpointID)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s %s secret=%s\n", endpoint.Status, endpoint.URL, endpoint.Secret)
	return nil
}
