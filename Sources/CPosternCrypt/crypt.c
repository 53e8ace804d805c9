#include "CPosternCrypt.h"
