/* SEEN("what") marks a situation the model is about. The checker says which it came to, so that a run
 * without an error is known not to be an empty one: `npm run model` fails when one was never reached.
 */
c_decl {
\#include <string.h>
  static void seen(const char* what) {
    static const char* known[64];
    static int count;
    int i;
    for (i = 0; i < count; i++) {
      if (known[i] == what || strcmp(known[i], what) == 0) return;
    }
    if (count < 64) known[count++] = what;
    printf("reached: %s\n", what);
  }
}
#define SEEN(what) c_code { seen(what); }
