// Command loop updates endpoints e0 to e(N-1) by a plain loop over the client: what "heygen-webhook apply" is measured
// against.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// main takes the base URL, the key, the number of endpoints, and the number of goroutines.
func main() {
	endpoints, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	goroutines, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	client, err := heygen.NewClient(os.Args[2], heygen.WithBaseURL(os.Args[1]),
		heygen.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: goroutines}}))
	if err != nil {
		log.Fatal(err)
	}
	numbers := make(chan int)
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for i := range numbers {
				_, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
					EndpointID: fmt.Sprint("e", i), URL: fmt.Sprint("https://example.com/hook/", i),
				})
				if err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	for i := range endpoints {
		numbers <- i
	}
	close(numbers)
	group.Wait()
}
