package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/heygen-go/heygen/webhook"
)

// receiver is open when it has a handler. Before that it does not know the secret: HeyGen returns it in the response to
// the update of the endpoint, and before that response HeyGen probes the URL.
type receiver struct {
	handler atomic.Pointer[webhook.Handler]
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if handler := r.handler.Load(); handler != nil {
		handler.ServeHTTP(w, req)
	} else if req.Method != http.MethodOptions {
		w.WriteHeader(http.StatusServiceUnavailable) // HeyGen delivers it again
	}
}

// open makes the receiver accept deliveries. The handler's own store, in memory, is enough, because the database has
// the record of what came.
func (r *receiver) open(secret string, work func(context.Context, webhook.Event) error) error {
	verifier, err := webhook.NewVerifier(secret)
	if err != nil {
		return err
	}
	handler, err := webhook.NewHandler(verifier, work, webhook.WithLogger(slog.Default()))
	r.handler.Store(handler)
	return err
}

// queue keeps events as jobs and works on them.
type queue[TTx any] struct {
	river.WorkerDefaults[eventJob]
	db     database[TTx]
	jobs   *river.Client[TTx]
	tracer trace.Tracer
}

// eventJob is an event that waits for its work.
type eventJob struct {
	Event []byte                 `json:"event"` // JSON; as bytes, because the jsonb of PostgreSQL refuses "\u0000"
	Trace propagation.MapCarrier `json:"trace"` // the work is in the trace of the delivery
}

func (eventJob) Kind() string { return "heygen_event" }

func newQueue[TTx any](db database[TTx], tracing trace.TracerProvider) (*queue[TTx], error) {
	q := &queue[TTx]{db: db, tracer: tracing.Tracer("receiver")}
	workers := river.NewWorkers()
	river.AddWorker(workers, q)
	jobs, err := river.NewClient(db.driver, &river.Config{
		Logger:               slog.Default(),
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 10}},
		Workers:              workers,
		JobTimeout:           time.Minute,
		RescueStuckJobsAfter: 5 * time.Minute,  // a job whose process died is worked on again
		SoftStopTimeout:      20 * time.Second, // a job that is cancelled at the stop is, too
	})
	q.jobs = jobs
	return q, err
}

// receive keeps the record that a delivery came and inserts its job, both or none. The record is unique by the digest
// of the signed body, so a duplicate inserts no job. It stays when River deletes the finished job, a day later, because
// whoever has seen a delivery can send it again at any time.
func (q *queue[TTx]) receive(ctx context.Context, event webhook.Event) error {
	ctx, span := q.tracer.Start(ctx, "insert", trace.WithSpanKind(trace.SpanKindProducer))
	defer span.End()
	job := eventJob{Trace: propagation.MapCarrier{}}
	propagation.TraceContext{}.Inject(ctx, job.Trace)
	var err error
	if job.Event, err = json.Marshal(event); err != nil {
		return err
	}
	digest := sha256.Sum256(event.Body)
	return q.db.transaction(ctx, func(tx TTx, exec execFunc) error {
		inserted, err := exec(`INSERT INTO deliveries (digest) VALUES ($1) ON CONFLICT DO NOTHING`,
			hex.EncodeToString(digest[:]))
		if err != nil || inserted == 0 {
			return err
		}
		_, err = q.jobs.InsertTx(ctx, tx, job, nil)
		return err
	})
}

// Work is what the service is for: it keeps the address of a finished video, or why there is none. The job is completed
// in the same transaction, so a process that dies has done both or neither.
func (q *queue[TTx]) Work(ctx context.Context, job *river.Job[eventJob]) error {
	ctx = propagation.TraceContext{}.Extract(ctx, job.Args.Trace)
	ctx, span := q.tracer.Start(ctx, "work", trace.WithSpanKind(trace.SpanKindConsumer))
	defer span.End()
	var event webhook.Event
	if err := json.Unmarshal(job.Args.Event, &event); err != nil {
		return err
	}
	return q.db.transaction(ctx, func(tx TTx, exec execFunc) error {
		switch details := event.Details(); event.Type {
		case "avatar_video.success", "avatar_video.fail":
			if _, err := exec(`INSERT INTO videos (video_id, url, failure) VALUES ($1, $2, $3)
				ON CONFLICT (video_id) DO UPDATE SET url = excluded.url, failure = excluded.failure`,
				details.VideoID, details.URL, details.Message); err != nil {
				return err
			}
		}
		_, err := river.JobCompleteTx[riverdriver.Driver[TTx]](ctx, tx, job)
		return err
	})
}
