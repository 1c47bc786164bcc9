import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';

/** google.protobuf.Timestamp of a moment. The package is CommonJS, whose names Node.js does not find. */
export function timestampOf(date: Date): timestamps.Timestamp {
  const timestamp = new timestamps.Timestamp();
  timestamp.fromDate(date);
  return timestamp;
}
