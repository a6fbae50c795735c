// Command importer changes an endpoint with the client. Its size is compared with that of handwritten.
package main

import (
	"context"
	"fmt"
	"os"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func main() {
	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	endpoint, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: os.Args[1], URL: os.Args[2],
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(endpoint.Status, endpoint.URL)
}
