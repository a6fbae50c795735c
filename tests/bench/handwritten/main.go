// Command handwritten changes an endpoint with the standard library alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := update(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func update(id, url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	content, err := json.Marshal(map[string]string{"endpoint_id": id, "url": url})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch,
		"https://api.heygen.com/v1/webhook/endpoint.update", bytes.NewReader(content))
	if err != nil {
		return err
	}
	req.Header.Set("X-Api-Key", os.Getenv("HEYGEN_API_KEY"))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var envelope struct {
		Code int `json:"code"`
		Data struct {
			URL    string `json:"url"`
			Status string `json:"status"`
		} `json:"data"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return err
	}
	if envelope.Code != 100 {
		return fmt.Errorf("code %d: %s", envelope.Code, envelope.Message)
	}
	fmt.Println(envelope.Data.Status, envelope.Data.URL)
	return nil
}
