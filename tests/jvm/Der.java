import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The few forms of DER (X.690) that certificates are made of. */
final class Der {
    private Der() {}

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] tagged(int tag, byte[]... parts) {
        byte[] content = join(parts);
        byte[] length;
        if (content.length < 0x80) {
            length = new byte[] {(byte) content.length};
        } else {
            byte[] digits = BigInteger.valueOf(content.length).toByteArray();
            int skip = digits[0] == 0 ? 1 : 0;
            length = new byte[digits.length - skip + 1];
            length[0] = (byte) (0x80 | (digits.length - skip));
            System.arraycopy(digits, skip, length, 1, digits.length - skip);
        }
        return join(new byte[] {(byte) tag}, length, content);
    }

    static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    static byte[] set(byte[]... parts) {
        return tagged(0x31, parts);
    }

    static byte[] octets(byte[] content) {
        return tagged(0x04, content);
    }

    static byte[] integer(long value) {
        return tagged(0x02, BigInteger.valueOf(value).toByteArray());
    }

    static byte[] bool(boolean value) {
        return tagged(0x01, new byte[] {(byte) (value ? 0xff : 0)});
    }

    static byte[] bits(byte[] content) {
        return tagged(0x03, new byte[] {0}, content);
    }

    /** Named bits, most significant first, without trailing zeros (X.690 11.2.2). */
    static byte[] namedBits(int... set) {
        byte[] content = new byte[2];
        int highest = -1;
        for (int bit : set) {
            content[bit / 8] |= (byte) (0x80 >> (bit % 8));
            highest = Math.max(highest, bit);
        }
        int bytes = highest < 0 ? 0 : highest / 8 + 1;
        int unused = highest < 0 ? 0 : 7 - highest % 8;
        byte[] out = new byte[bytes + 1];
        out[0] = (byte) unused;
        System.arraycopy(content, 0, out, 1, bytes);
        return tagged(0x03, out);
    }

    static byte[] oid(String dotted) {
        String[] parts = dotted.split("\\.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(parts[0]) * 40 + Integer.parseInt(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            long value = Long.parseLong(parts[i]);
            int digits = 1;
            while (value >> (7 * digits) != 0) {
                digits++;
            }
            for (int digit = digits - 1; digit >= 0; digit--) {
                out.write((int) ((value >> (7 * digit)) & 0x7f) | (digit > 0 ? 0x80 : 0));
            }
        }
        return tagged(0x06, out.toByteArray());
    }

    static byte[] ia5(int tag, String text) {
        return tagged(tag, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] time(Instant at) {
        String text = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC).format(at);
        int year = Integer.parseInt(text.substring(0, 4));
        return year >= 1950 && year < 2050 ? ia5(0x17, text.substring(2)) : ia5(0x18, text);
    }
}
