package wire_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The types and flags of HTTP/2 frames (RFC 9113, 6).
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	flagAck, flagEndStream, flagEndHeaders = 1, 1, 4
)

// playFrames serves an HTTP/2 connection, and plays frames after each request:
//
//	rst:CODE           the stream of the request is reset
//	goaway:CODE        the connection ends, and the request was not processed
//	goaway-later:CODE  the connection ends, and the request may be processed
//	close              the connection is closed
//	headers            the status 200, and no body yet
//	answer             the published example
//
// With "once" before them, requests after the first are answered.
func (s *server) playFrames(conn *tls.Conn, frames []string) {
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	_, err := io.ReadFull(conn, preface)
	writeFrame(conn, frameSettings, 0, 0, nil)
	for header := make([]byte, 9); err == nil; {
		if _, err = io.ReadFull(conn, header); err != nil {
			return // the client has gone
		}
		kind, flags, stream := header[3], header[4], binary.BigEndian.Uint32(header[5:])
		_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(header)>>8))
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			writeFrame(conn, frameSettings, flagAck, 0, nil)
		case kind <= frameHeaders && flags&flagEndStream != 0:
			play := frames
			if n := s.count(&s.connections); frames[0] == "once" {
				if play = frames[1:]; n > 1 {
					play = []string{"answer"}
				}
			}
			for _, frame := range play {
				playFrame(conn, stream, frame)
			}
		}
	}
}

// playFrame plays one of the frames for a request.
func playFrame(conn *tls.Conn, stream uint32, frame string) {
	name, number, _ := strings.Cut(frame, ":")
	code, _ := strconv.ParseUint(number, 10, 32)
	pair := func(first uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, first), uint32(code))
	}
	switch name {
	case "rst":
		writeFrame(conn, frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, uint32(code)))
	case "goaway":
		writeFrame(conn, frameGoAway, 0, 0, pair(stream-1))
	case "goaway-later":
		writeFrame(conn, frameGoAway, 0, 0, pair(stream))
	case "headers":
		const status200 = 0x88 // in HPACK
		writeFrame(conn, frameHeaders, flagEndHeaders, stream, []byte{status200})
	case "answer":
		playFrame(conn, stream, "headers")
		writeFrame(conn, frameData, flagEndStream, stream, []byte(documented))
	case "close":
		_ = conn.NetConn().Close()
	}
}

func writeFrame(conn io.Writer, kind, flags byte, stream uint32, payload []byte) {
	head := []byte{0, byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	head = binary.BigEndian.AppendUint32(head, stream)
	_, _ = conn.Write(slices.Concat(head, payload)) // a client that has gone is noticed when its next frame is read
}
