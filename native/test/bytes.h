// A fuzzer's input, read from front to end; zeros once it is used up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace framering::test {

class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }
  size_t left() const { return left_; }
  uint8_t byte() { return take<uint8_t>(); }
  uint64_t word() { return take<uint64_t>(); }
  // 0..most, both included, from as many bytes as that takes.
  uint32_t upto(uint32_t most) {
    return (most < 256 ? take<uint8_t>() : take<uint16_t>()) % (most + 1);
  }
  // True about once in `n` times for random input; false when there is none.
  bool one_in(uint32_t n) { return byte() % n == 1 % n; }
  // The next `most` bytes or what is left of them.
  const uint8_t* run(size_t most, size_t* length) {
    const uint8_t* from = data_;
    *length = most < left_ ? most : left_;
    data_ += *length;
    left_ -= *length;
    return from;
  }

 private:
  template <typename T>
  T take() {
    T value = 0;
    const size_t n = sizeof value < left_ ? sizeof value : left_;
    if (n != 0) memcpy(&value, data_, n);
    data_ += n;
    left_ -= n;
    return value;
  }

  const uint8_t* data_;
  size_t left_;
};

}  // namespace framering::test
