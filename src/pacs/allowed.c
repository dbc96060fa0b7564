/* What may go where: a packet that names nobody must not be mixed into a patient's study, and images that a program
   made must not reach an archive of patients. The peer's name is looked up here, and nowhere else. */
#define _GNU_SOURCE
#include "room.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static rs_status look_up(rs_context *ctx, const rs_pacs_peer *peer, struct in_addr *out)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int failed = getaddrinfo(peer->host, NULL, &hints, &found);
    if (failed == EAI_AGAIN)
        return rs_fail(ctx, RS_AGAIN, "the name of the host behind '@' could not be looked up now: try again");
    if (failed == EAI_MEMORY) return rs_fail_memory(ctx, "the address of the archive");
    if (failed)
        return rs_fail(ctx, RS_UNAVAILABLE,
                       "no IPv4 address is known for the host behind '@': check the name (DCMTK 3.6 calls no others)");
    struct sockaddr_in address;
    memcpy(&address, found->ai_addr, sizeof address);
    *out = address.sin_addr;
    freeaddrinfo(found);
    return RS_OK;
}

rs_status rs_pacs_allowed(rs_context *ctx, const rs_pacs_packet *packet, const rs_pacs_peer *peer,
                          const rs_pacs_options *options, char address[16])
{
    struct in_addr where;
    if (strcmp(packet->identity, "full") != 0 && !options->allow_deidentified)
        return rs_fail(ctx, RS_DATA,
                       "the packet was made with --identity %s and does not file with the patient's study: "
                       "--allow-deidentified sends it all the same",
                       packet->identity);
    RS_TRY(look_up(ctx, peer, &where));
    if (packet->synthetic && (ntohl(where.s_addr) >> 24) != 127)
        return rs_fail(ctx, RS_DATA,
                       "the images of the packet are synthetic: such a packet is sent to a loopback address only");
    return inet_ntop(AF_INET, &where, address, 16) ? RS_OK : rs_fail(ctx, RS_DEFECT, "an address that has no text");
}
