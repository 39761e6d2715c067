// The two sides of a row in C++: what the writer and a reader do with frames, whatever brings them
// over.
//
// Out: void* Loan(size_t bytes), void Publish(void*). In: const void* Take(), which waits, and
// void Release(const void*).
#pragma once

#include "part.h"

namespace sides {

template <typename Out, typename In>
void PingPongWriter(const part::Task& task, Out& out, In& in) {
  part::Record record(task);
  part::Pace pace(task.rate);
  for (uint64_t sequence = 1; sequence <= task.Total(); sequence++) {
    pace.Wait();
    const uint64_t sent = payload::Now();
    void* frame = out.Loan(task.bytes);
    task.Write(frame, sequence);
    out.Publish(frame);
    const void* answer = in.Take();
    const bool right = task.Read(answer, sequence);
    in.Release(answer);
    record.Frame(sequence, payload::Now() - sent, right);
  }
  record.Print(true);
}

template <typename Out, typename In>
void PingPongReader(const part::Task& task, Out& out, In& in) {
  part::Record record(task);
  for (uint64_t sequence = 1; sequence <= task.Total(); sequence++) {
    const void* frame = in.Take();
    const bool right = task.Read(frame, sequence);
    in.Release(frame);
    void* answer = out.Loan(task.bytes);
    task.Write(answer, sequence);
    out.Publish(answer);
    record.Frame(sequence, 0, right);
  }
  record.Print(false);
  part::WaitForEnd();
}

template <typename Out>
void OneWayWriter(const part::Task& task, Out& out) {
  part::Record record(task);
  part::Pace pace(task.rate);
  for (uint64_t sequence = 1; sequence <= task.Total(); sequence++) {
    void* frame = out.Loan(task.bytes);
    task.Write(frame, sequence);
    pace.Wait();
    payload::Stamp(frame);
    out.Publish(frame);
    record.Frame(sequence, 0, true);
  }
  record.Print(false);
  part::WaitForEnd();
}

template <typename In>
void OneWayReader(const part::Task& task, In& in) {
  part::Record record(task);
  for (uint64_t sequence = 1; sequence <= task.Total(); sequence++) {
    const void* frame = in.Take();
    // In place the frame counts as there when it is delivered; otherwise when it has been read.
    const uint64_t delivered = payload::Age(frame);
    const bool right = task.Read(frame, sequence);
    record.Frame(sequence, task.in_place ? delivered : payload::Age(frame), right);
    in.Release(frame);
  }
  record.Print(true);
}

}  // namespace sides
