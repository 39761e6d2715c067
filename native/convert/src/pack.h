// Rows as they stand in memory to rows of planes, and back. None of them looks at colours.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering::convert {

void Split3(const uint8_t* from, uint8_t* a, uint8_t* b, uint8_t* c, size_t count);
void Split4(const uint8_t* from, uint8_t* a, uint8_t* b, uint8_t* c, uint8_t* d, size_t count);
void Join3(const uint8_t* a, const uint8_t* b, const uint8_t* c, uint8_t* to, size_t count);
void Join4(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, uint8_t* to,
           size_t count);
// `pairs` times four bytes, into two y each and one u and v. `first`: where y stands, 0 or 1.
void SplitPairs(const uint8_t* from, uint32_t first, uint8_t* y, uint8_t* u, uint8_t* v,
                size_t pairs);
void JoinPairs(const uint8_t* y, const uint8_t* u, const uint8_t* v, uint32_t first, uint8_t* to,
               size_t pairs);
void Split2(const uint8_t* from, uint8_t* a, uint8_t* b, size_t count);
void Join2(const uint8_t* a, const uint8_t* b, uint8_t* to, size_t count);
// Every byte twice.
void Double(const uint8_t* from, uint8_t* to, size_t count);
// The mean of each two; of each two by two.
void HalveRow(const uint8_t* from, uint8_t* to, size_t pairs);
void HalveRows(const uint8_t* upper, const uint8_t* lower, uint8_t* to, size_t pairs);
void Reverse(uint8_t* row, size_t count);
void Reverse(float* row, size_t count);

}  // namespace framering::convert
